/**
 * The app's own words, in English; Belfry's are in lib/belfry/language/en.ts. What begins with `server.` never goes to a
 * browser.
 */
export const en = {
  // Pages.
  'language.label': 'Language',

  // The server.
  'server.form.look-again': 'Some fields need another look.',
  'server.form.no-form': 'This action takes a form. Send one.',

  // The server: who may do what.
  'server.auth.admin-only': 'Only an admin may do this. Sign in with an admin account, or ask an admin.',
  'server.auth.token-unknown': 'This token is not known. Make one with `npm run create-token`.',
  'server.auth.token-expired': 'This token has expired. Make a new one with `npm run create-token`.',
  'server.auth.token-revoked': 'This token was revoked. Make a new one with `npm run create-token`.',
  'server.auth.token-scope':
    'This token does not have the scope "{scope}". Make one that has: `npm run create-token -- --scope {scope}`.',
  'server.auth.token-name': 'Give the token a name of 1 to 100 characters, such as ci.',
  'server.auth.email': 'Give an email address, such as ada@example.com.',
  'server.auth.email-too-long': 'Give an email address of at most {maximum, number} characters.',
  'server.auth.name-missing': 'Give a name, so that others know who this is.',
  'server.auth.name-too-long': 'Give a name of at most {maximum, number} characters.',
  'server.auth.no-account': '{email} has no account. Check the spelling.',

  // The server: signing in.
  'server.sign-in.tries-seconds': 'Too many tries to sign in. Wait {seconds, number} s, then try again.',
  'server.sign-in.tries-minutes':
    'Too many tries to sign in. Wait {minutes, number} minutes, then try again.',
  'server.sign-in.crowd': 'Too many people are signing in at once. Try again in a moment.',
  'server.sign-in.post': 'Send the sign-in form with POST.',
  'server.sign-in.no-path': 'There is nothing at this path of sign-in.',
  'server.sign-in.method': 'There is no {method} for this path of sign-in, or not in this form.',
  'server.sign-in.callback': 'callbackUrl is no address. Give a path of this site, such as /admin.',
  'server.sign-in.error': 'error is not the name of an error: letters and digits.',
  'server.sign-in.no-object': 'The body is not a JSON object. Send one, or a form.',

  // The server: passwords and sessions.
  'server.password.current': 'Enter the password that you have now.',
  'server.password.not-current': 'This is not your current password.',
  'server.password.new': 'Choose a new password.',
  'server.password.again': 'Enter the new password again.',
  'server.password.differs': 'This is not the same as above. Enter the new password again.',
  'server.password.too-short': 'Choose a password of at least {shortest} characters.',
  'server.password.too-long': 'Choose a password of at most {maximum} characters.',
  'server.password.simple':
    'This password repeats a few characters or follows the keyboard. Choose one that nobody would try first.',
  'server.password.common':
    'This password, or the word in it, is one of those that are tried first. Choose another, such as a few words that have nothing to do with each other.',
  'server.password.own':
    'This password is made of your name, your address or the name of this app. Choose one that nobody would try first.',
  'server.password.changed': 'Your password is changed. You are signed out everywhere else.',
  'server.session.ended': 'The session has ended.',
  'server.session.had-ended': 'The session had ended already.',
  'server.session.others-ended': 'You are signed out everywhere else.',

  // The server: sending.
  'server.send.to': 'Say to whom, once: to, or audience "all", or a targetUserId.',
  'server.send.type': 'Name a type of notification that the app has.',
  'server.send.audience': 'The audience is "all".',
  'server.send.priority': 'Choose a priority.',
  'server.send.expires': 'Choose when it expires.',
  'server.send.possible': 'It can be sent.',
  'server.send.sent': '“{title}” was sent to everyone.',
  'server.send.too-many':
    'You may send {most, number} notices a minute. Wait {seconds, number} s, then send again.',
  'server.answer.too-many':
    'You may ask for answers {most, number} times a minute. Wait {seconds, number} s, and let each wait for its answer: ?wait=30.',
  'server.answer.wait': 'wait is a number of seconds, from 0 to {most, number}.',
  'server.answer.nothing-here': 'There is nothing at this address.',
  'server.report.ready': 'Your report is ready.',
  'server.report.too-many':
    'You may build {most, number} reports a minute. Wait {seconds, number} s, then try again.',

  // The server: requests.
  'server.http.no-length': 'Say how long the body is, with the header Content-Length.',
  'server.http.fields': 'Send at most {most, number} fields.',
  'server.http.multipart': 'The body is not a whole multipart form. Send it again.',
  'server.http.not-http':
    'This is not HTTP as RFC 9112 has it. Check the method, the address, the headers and the length.',
  'server.http.no-proxy': 'This is no proxy: CONNECT is not possible here. Use {allow}.',
  'server.http.headers': 'The address and the headers are too long. Send less than 16 kB of them.',
  'server.http.chunks': 'The extensions of the chunks are too long. Leave them out.',
  'server.http.too-slow': 'The request did not come in time. Send it again, faster.',
  'server.http.expect': 'The header Expect can only be 100-continue. Leave it out.',
  'server.http.web-socket': 'There are no web sockets here: ask without the header Upgrade.',
  'server.http.host':
    'The header Host has to be there once, and be a name or an address, perhaps with a port.',
  'server.http.address':
    'The address cannot be read. Write a path of this site, with special characters as %XX of UTF-8.',
  'server.http.router-state': 'The header Next-Router-State-Tree is not one of this site. Reload the page.',
} as const;
