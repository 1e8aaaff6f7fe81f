/**
 * Belfry's own words, in English. What begins with `server.` never goes to a browser. ICU MessageFormat: a brace or an
 * apostrophe of the text itself stands in apostrophes.
 */
export const en = {
  'belfry.actions.chose': 'You chose: {label}',
  'belfry.actions.others-chose': 'Somebody else chose: {label}',
  'belfry.actions.cancel': 'Cancel',
  'belfry.attempt.failed': 'That did not work. Try again in a moment.',
  'belfry.attempt.again': 'Try again',
  'belfry.bell.name': 'Notifications',
  'belfry.bell.label': 'Notifications, {unread} unread',
  'belfry.bell.opening': 'Opening your notifications…',
  'belfry.bell.not-opened': 'Your notifications could not be opened. Check your connection.',
  'belfry.client.unreachable': 'The server cannot be reached. Check your connection, then try again.',
  'belfry.client.no-answer': 'The server could not answer. Try again in a moment.',
  'belfry.client.overtaken': 'Your notifications changed while they were read. Try again.',
  'belfry.client.signed-out': 'Your session has ended.',
  'belfry.client.sign-in': 'Sign in to change your notifications.',
  'belfry.client.coming': 'Your notifications are still on their way. Try again in a moment.',
  'belfry.connection.polling': 'The live connection is down. New notifications are fetched every 20 seconds.',
  'belfry.connection.offline': 'You are offline. What is missing here arrives when the connection is back.',
  'belfry.connection.signed-out': 'Your session has ended.',
  'belfry.connection.sign-in': 'Sign in again',
  'belfry.group.more': '{title} and {count, plural, one {# more} other {# more}}',
  'belfry.group.all': 'Show all {count, number}',
  'belfry.group.less': 'Show less',
  'belfry.group.read': 'Mark all as read',
  'belfry.group.dismiss': 'Dismiss all',
  'belfry.inbox.label': 'Your notifications',
  'belfry.inbox.views': 'Show',
  'belfry.inbox.inbox': 'Inbox',
  'belfry.inbox.unread': 'Unread',
  'belfry.inbox.done': 'Done',
  'belfry.inbox.snoozed': 'Snoozed',
  'belfry.item.dismiss': 'Dismiss',
  'belfry.item.restore': 'Restore',
  'belfry.item.read': 'Mark as read',
  'belfry.item.unread': 'Mark as unread',
  'belfry.item.priority': '{priority} priority, ',
  'belfry.item.returns': 'returns <when></when>',
  'belfry.item.expires': 'expires {when}',
  'belfry.item.expired': 'expired',
  'belfry.item.less': 'Show less',
  'belfry.item.all': 'Show all',
  'belfry.link.home': 'Home',
  'belfry.link.open': 'Open <to>{label}</to>',
  'belfry.link.new-tab': '(new tab)',
  'belfry.list.loading': 'Loading your notifications',
  'belfry.list.failed': 'Your notifications could not be loaded',
  'belfry.list.failed-text': 'Nothing is lost: they are kept on the server until you dismiss them.',
  'belfry.list.more': 'Load older',
  'belfry.list.loading-more': 'Loading older…',
  'belfry.list.older-left': 'Older ones are left',
  'belfry.list.quiet': 'All quiet',
  'belfry.list.quiet-panel': 'You have seen everything. What comes next rings here.',
  'belfry.list.quiet-inbox': 'You have dealt with everything. What comes next rings here.',
  'belfry.list.none-unread': 'Nothing unread',
  'belfry.list.none-unread-text': 'You have read everything in your inbox.',
  'belfry.list.none-done': 'Nothing done yet',
  'belfry.list.none-done-text': 'What you dismiss is kept here, and can be restored.',
  'belfry.list.none-snoozed': 'Nothing snoozed',
  'belfry.list.none-snoozed-text': 'What you put off waits here until its time.',
  'belfry.panel.title': 'Notifications',
  'belfry.panel.unread': '{unread, number}<word> unread</word>',
  'belfry.panel.close': 'Done',
  'belfry.panel.clear': 'Clear all',
  'belfry.panel.inbox': 'Open inbox',
  'belfry.priority.LOW': 'Low',
  'belfry.priority.NORMAL': 'Normal',
  'belfry.priority.HIGH': 'High',
  'belfry.priority.CRITICAL': 'Critical',
  'belfry.running.label': 'Under way',
  'belfry.running.percent': '{fraction, number, percent}',
  'belfry.settings.loading': 'Loading your settings',
  'belfry.settings.failed': 'Your settings could not be loaded',
  'belfry.settings.saving': 'Saving…',
  'belfry.settings.saved': 'Saved. Every tab and device of yours does so from now on.',
  'belfry.settings.kinds': 'What reaches you',
  'belfry.settings.kinds-text':
    'Everything waits in your inbox. Choose what also makes itself known when it comes.',
  'belfry.settings.category.general': 'General',
  'belfry.settings.category.system': 'Messages',
  'belfry.settings.category.questions': 'Questions',
  'belfry.settings.mode': 'Shown',
  'belfry.settings.mode.toast': 'With a toast',
  'belfry.settings.mode.inbox': 'In the inbox only',
  'belfry.settings.mode.muted': 'Muted',
  'belfry.settings.muted-text': 'What is muted waits in the inbox as read, and is not counted.',
  'belfry.settings.sound': 'Sound',
  'belfry.settings.desktop': 'Desktop',
  'belfry.settings.try': 'Try it<more> for {category}</more>',
  'belfry.settings.tried.toast': 'So it comes: with a toast.',
  'belfry.settings.tried.sound': 'So it comes: with a toast and a sound.',
  'belfry.settings.tried.desktop': 'So it comes: with a toast, and on the desktop while you look elsewhere.',
  'belfry.settings.tried.both':
    'So it comes: with a toast and a sound, and on the desktop while you look elsewhere.',
  'belfry.settings.tried.inbox': 'Nothing is shown: it waits in your inbox, and is counted.',
  'belfry.settings.tried.muted': 'Nothing is shown: it waits in your inbox as read.',
  'belfry.settings.tried.quiet': 'Nothing is shown: these are your quiet hours. It waits in your inbox.',
  'belfry.settings.example': 'An example',
  'belfry.settings.example-text': 'This is how such a notification makes itself known.',
  'belfry.settings.desktop-ask':
    'This browser has not been asked yet whether notifications may stand on the desktop.',
  'belfry.settings.desktop-allow': 'Allow them here',
  'belfry.settings.desktop.denied':
    'This browser does not allow this site notifications on the desktop. To allow them, press the sign beside the address, find Notifications there, and choose Allow.',
  'belfry.settings.desktop.unsupported': 'This browser shows no notifications on the desktop.',
  'belfry.settings.desktop-text': 'On the desktop they stand while this page is not in front.',
  'belfry.settings.quiet': 'Quiet hours',
  'belfry.settings.quiet-text':
    'No toast, no sound and nothing on the desktop. Only what is critical passes, unless it is muted or for the inbox only.',
  'belfry.settings.quiet-on': 'Keep quiet hours',
  'belfry.settings.quiet-now': 'It is quiet now.',
  'belfry.settings.begins': 'From',
  'belfry.settings.ends': 'Until',
  'belfry.settings.zone': 'Time zone',
  'belfry.settings.days': 'They begin on',
  'belfry.settings.next-day': 'What begins on one of these days ends on the day after.',
  'belfry.settings.topics': 'What you follow',
  'belfry.settings.topics-text': 'You get what is sent to these topics. What you had already stays.',
  'belfry.settings.no-topics': 'You follow no topics.',
  'belfry.settings.unfollow': 'Stop following<more> {topic}</more>',
  'belfry.settings.follow': 'Follow<more> {topic}</more> again',
  'belfry.settings.left': 'You have left this topic.',
  'belfry.time.now': 'just now',
  'belfry.time.soon': 'in under a minute',
  'belfry.toasts.region': 'Toasts alt+T',
  'belfry.toasts.close': 'Close',
  'belfry.toasts.more': '{count, plural, one {# more notification} other {# more notifications}}',
  'belfry.toasts.show': '{count, plural, one {Show it} other {Show them}}',
  'belfry.version.reload': 'There is a new version of this site. Reload the page to go on.',

  // Who asks, and how often.
  'server.belfry.not-signed-in': 'Nobody is signed in. Sign in, then try again.',
  'server.belfry.somebody-else': 'Somebody else has signed in here. Reload the page, then try again.',
  'server.belfry.wrong-origin':
    'This request did not come from a page of this site. Send it with an Origin header of this site; behind a proxy, set NEXTAUTH_URL to the address that people use.',
  'server.belfry.too-many-polls':
    'You may ask for your inbox {most, number} times a minute. Wait {seconds, number} s, then try again.',
  'server.belfry.too-many-connects':
    'You may open a stream {most, number} times a minute. Wait {seconds, number} s, then try again.',
  'server.belfry.too-many-changes':
    'You may change your inbox {most, number} times a minute. Wait {seconds, number} s, then try again.',
  'server.belfry.jobs-secret': "Send the secret of this route: Authorization: Bearer '<secret>'.",

  // Requests.
  'server.belfry.method': '{method} is not possible here. Use {allow}.',
  'server.belfry.nothing-here': 'There is nothing at this address.',
  'server.belfry.failed': 'Something went wrong on our side. Try again in a moment.',
  'server.belfry.send-json': 'Send JSON, with the header Content-Type: application/json.',
  'server.belfry.bad-json': 'The body is not valid JSON.',
  'server.belfry.half-character-in-json': 'The body holds half a character (a lone surrogate). Leave it out.',
  'server.belfry.body-too-large': 'The body is larger than {bytes, number} bytes. Send less.',
  'server.belfry.broke-off': 'The body broke off before its end. Send it again.',
  'server.belfry.other-charset': 'Send text as UTF-8, and leave out any other charset.',
  'server.belfry.not-utf8':
    '{part, select, field {A field} form {The form} other {The body}} is not valid UTF-8. Send its text encoded as UTF-8.',
  'server.belfry.see-fields': 'Some fields cannot be used as they are: see fieldErrors.',
  'server.belfry.see-fields-of-address': 'The address cannot be used as it is: see fieldErrors.',

  // Fields of which nothing else is said.
  'server.belfry.field.missing': '{field} is missing.',
  'server.belfry.field.type': '{field} is of another type: {expected}.',
  'server.belfry.field.values': '{field} is one of {values}.',
  'server.belfry.field.too-big':
    '{origin, select, string {Keep it to {maximum, number} characters.} array {Name {maximum, number} at most.} other {Give {maximum, number} at most.}}',
  'server.belfry.field.too-small':
    '{origin, select, string {Write at least {minimum, plural, one {# character} other {# characters}}.} array {Name at least {minimum, number}.} other {Give at least {minimum, number}.}}',
  'server.belfry.field.format': 'It has to be in the format {format}.',
  'server.belfry.field.unknown': 'Leave out what is not known here: {keys}.',
  'server.belfry.field.unusable': 'This cannot be used as it is.',

  // Text.
  'server.belfry.text.half-character':
    'Leave out {character}: it is half a character, and means nothing by itself.',
  'server.belfry.text.half-characters': 'Leave out half characters (lone surrogates).',
  'server.belfry.text.direction':
    'Leave out the invisible character {character}: it turns round how the text reads.',
  'server.belfry.text.control': 'Leave out the control character {character}.',
  'server.belfry.text.nul': 'Leave out the NUL character.',
  'server.belfry.text.one-line': 'Write it in one line.',
  'server.belfry.text.tab': 'Write a space in place of the tab.',
  'server.belfry.text.unseen': 'Write something that can be seen.',

  // Streams.
  'server.belfry.shutting-down': 'The server is restarting. Come back in a few seconds.',
  'server.belfry.no-such-stream': 'There is no event type "{name}". Known types: {names}.',
  'server.belfry.too-many-streams':
    'You have {most, number} streams open already. Close one, or ask for several event types in one stream.',

  // The inbox.
  'server.belfry.cursor': 'cursor is the nextCursor of the page before.',
  'server.belfry.limit': 'limit is a number from 1 to 100.',
  'server.belfry.since': 'since is the state that an earlier answer ended with.',
  'server.belfry.cannot-calculate-changes':
    'What changed since then cannot be told any more. Read the inbox anew: GET /notifications/poll.',
  'server.belfry.id': 'An id is a whole number above 0.',
  'server.belfry.ids': 'ids is a list of ids.',
  'server.belfry.ids-missing': 'Name at least one id.',
  'server.belfry.ids-too-many': 'Name {maximum, number} at a time, or say up to which with throughId.',
  'server.belfry.group': 'Give the groupKey of an item.',
  'server.belfry.group-in-inbox': 'A group is listed as it is in the inbox: leave the view out.',
  'server.belfry.ids-or-through': 'Name ids, or say up to which with throughId: of a group, or of all.',
  'server.belfry.through-id': 'throughId is the id of the newest notification that was on the screen.',
  'server.belfry.until-past': 'until lies in the past: choose a later time.',
  'server.belfry.until-too-far': 'until lies more than a year ahead: choose an earlier time.',
  'server.belfry.undo-token': 'undo is the token that the change was answered with.',
  'server.belfry.cannot-undo': 'This cannot be undone any more: reload to see how things stand.',
  'server.belfry.action': 'action is the name of an action.',
  'server.belfry.no-such-action': 'This notification has no action "{action}".',

  // Settings.
  'server.belfry.settings.time': 'Give {field} as hours and minutes, such as 22:00.',
  'server.belfry.settings.zone': 'Give the time zone by its name, such as Europe/Berlin.',
  'server.belfry.settings.days': 'days is a list of weekdays, from 1 for Monday to 7 for Sunday.',
  'server.belfry.settings.too-many': 'Name {most, number} categories at most.',
  'server.belfry.settings.no-such-category': 'There is no category "{name}".',

  'server.belfry.not-yours': 'You have no such notification.',
  'server.belfry.over': 'This is over: it can no longer be answered.',
  'server.belfry.decided-otherwise': 'You have decided this already, in another way.',
  'server.belfry.answered-by': 'This was answered already, by user {by}.',
  'server.belfry.input': 'What you filled in cannot be used as it is: see the fields.',
  'server.belfry.no-such-question': 'You have asked no such question.',
  'server.belfry.ask-again': 'The server is restarting. Ask again in a few seconds, with the same key.',
  'server.belfry.ask-by-name': `Ask people by name: '{ "user": id }' or '{ "users": [ids] }'.`,
  'server.belfry.ask-too-many': 'Ask {most, number} people at most.',
  'server.belfry.option-name':
    'An option is named with letters, digits, _ and -, starting with a small letter, 64 at most.',
  'server.belfry.options': 'Give 1 to {most, number} options.',
  'server.belfry.options-alike': 'Give each option a name of its own.',
  'server.belfry.option-label-missing': 'Give each option a label.',
  'server.belfry.option-label-too-long': 'Keep the label of an option to {maximum, number} characters.',

  // To whom.
  'server.belfry.to': `Say to whom: "everyone", '{ "user": id }', '{ "users": [ids] }' or '{ "topic": name }'.`,
  'server.belfry.user': "Name a user by the app''s own id, a text of 1 to 255 characters.",
  'server.belfry.user-missing': 'The id of a user is empty.',
  'server.belfry.user-too-long': 'The id of a user is longer than {maximum, number} characters.',
  'server.belfry.users-missing': 'Name at least one user.',
  'server.belfry.users-too-many': 'Name {maximum, number} users at most, or use a topic.',
  'server.belfry.no-such-user': 'There is no user "{id}": nothing was sent.',
  'server.belfry.topic-missing': 'Give the topic a name.',
  'server.belfry.topic-too-long': 'Keep the name of a topic to {maximum, number} characters.',

  // What is sent, and when.
  'server.belfry.cannot-be-sent': 'The notification cannot be sent as it is: see the fields.',
  'server.belfry.title-missing': 'Give the notification a title.',
  'server.belfry.title-too-long': 'Keep the title to {maximum, number} characters.',
  'server.belfry.message-missing': 'Write a message.',
  'server.belfry.message-too-long': 'Keep the message to {maximum, number} characters.',
  'server.belfry.link-missing': 'Give the link an address, or leave it out.',
  'server.belfry.link-too-long': 'Keep the link to {maximum, number} characters.',
  'server.belfry.link-unsafe': 'Start the link with / for a page of this site, or with https://.',
  'server.belfry.link-label-missing': 'Give the link a label, or leave it out.',
  'server.belfry.link-label-too-long': 'Keep the label of the link to {maximum, number} characters.',
  'server.belfry.time': 'Give {field} as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.',
  'server.belfry.at-past': 'at lies in the past: choose a later time, or leave it out to send now.',
  'server.belfry.at-too-far': 'at lies more than a year ahead: choose an earlier time.',
  'server.belfry.expiry-twice': 'Give either expiresAt or expiresIn, not both.',
  'server.belfry.expiry-past': 'expiresAt lies in the past, or before at: choose a later time.',
  'server.belfry.expiry-too-far':
    'expiresAt lies more than ten years ahead: choose an earlier time, or leave it out.',
  'server.belfry.expires-in': 'Give expiresIn as a number of seconds.',
  'server.belfry.expires-in-too-small': 'expiresIn is a number of seconds above 0.',
  'server.belfry.expires-in-too-big': 'expiresIn is a number of seconds, ten years at most.',
  'server.belfry.key-missing': 'Give the idempotency key a character at least, or leave it out.',
  'server.belfry.key-too-long': 'Keep the idempotency key to {maximum, number} characters.',
  'server.belfry.no-such-type':
    'There is no event type "{name}". Define it, and list it in app/event-types.ts.',
  'server.belfry.payload': 'The payload does not fit the event type {name}.',
  'server.belfry.payload-too-long':
    'The payload is longer than {most, number} characters as JSON. Send less, and link to the rest.',

  // The database.
  'server.belfry.database.busy': 'The database is busy. Try again in a few seconds.',
  'server.belfry.database.unreachable': 'The database cannot be reached. Try again in a few seconds.',
  'server.belfry.database.refused':
    'The database refuses to store a notification; the log of the server says why.',
  'server.belfry.database.read-only':
    'The database can be read and not written at present: nothing was stored. Tell the operator, then try again.',
  'server.belfry.database.not-allowed':
    'The database does not allow the app to do this: nothing was stored. Tell the operator, then try again.',
  'server.belfry.database.disk-full':
    'The disk is full: nothing was stored. Tell the operator, then try again.',
  'server.belfry.database.disk-failed':
    "The database''s disk cannot be written or read. Tell the operator, then try again.",
  'server.belfry.database.damaged': 'The database is damaged. The operator has to restore a back-up.',
  'server.belfry.database.removed':
    'The file of the database is gone: nothing is stored. The operator has to put it back, or restart the server with another one.',
  'server.belfry.database.replaced':
    'The files of the database were replaced while the server runs: nothing is stored. The operator has to restart the server.',
} as const;

/** What another language has to say. */
export type Words<Of extends Readonly<Record<string, string>> = typeof en> = Readonly<
  Record<keyof Of, string>
>;
