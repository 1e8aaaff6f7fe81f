/** Belfry's own words, in Traditional Chinese. */
import type { Words } from './en.ts';

export const zhTW = {
  'belfry.bell.label': '通知，{unread, plural, =0 {沒有未讀} other {# 則未讀}}',

  // Who asks, and how often.
  'server.belfry.not-signed-in': '你尚未登入。請登入後再試一次。',
  'server.belfry.somebody-else': '這裡已經換成別人登入了。請重新載入頁面，再試一次。',
  'server.belfry.wrong-origin':
    '這個請求並非來自本網站的頁面。請附上本網站的 Origin 標頭；若位於代理伺服器後方，請將 NEXTAUTH_URL 設為使用者所用的網址。',
  'server.belfry.too-many-polls':
    '每分鐘最多只能讀取收件匣 {most, number} 次。請等候 {seconds, number} 秒後再試一次。',
  'server.belfry.too-many-connects':
    '每分鐘最多只能開啟 {most, number} 次串流。請等候 {seconds, number} 秒後再試一次。',
  'server.belfry.too-many-changes':
    '每分鐘最多只能變更收件匣 {most, number} 次。請等候 {seconds, number} 秒後再試一次。',
  'server.belfry.jobs-secret': "請附上這個路由的密鑰：Authorization: Bearer '<secret>'。",

  // Requests.
  'server.belfry.method': '這裡不能使用 {method}。請改用 {allow}。',
  'server.belfry.nothing-here': '這個網址沒有任何內容。',
  'server.belfry.failed': '伺服器發生問題。請稍後再試一次。',
  'server.belfry.send-json': '請傳送 JSON，並附上標頭 Content-Type: application/json。',
  'server.belfry.bad-json': '內文不是有效的 JSON。',
  'server.belfry.half-character-in-json': '內文含有半個字元（單獨的代理碼位）。請將它移除。',
  'server.belfry.body-too-large': '內文超過 {bytes, number} 位元組。請減少內容。',
  'server.belfry.broke-off': '內文尚未傳完就中斷了。請重新傳送。',
  'server.belfry.other-charset': '請以 UTF-8 傳送文字，不要指定其他字元編碼。',
  'server.belfry.not-utf8':
    '{part, select, field {有個欄位} form {表單} other {內文}}不是有效的 UTF-8。請以 UTF-8 編碼傳送文字。',
  'server.belfry.see-fields': '有些欄位的內容無法使用：請看 fieldErrors。',
  'server.belfry.see-fields-of-address': '這個網址的參數無法使用：請看 fieldErrors。',

  // Fields of which nothing else is said.
  'server.belfry.field.missing': '缺少 {field}。',
  'server.belfry.field.type': '{field} 的型別不對，應為 {expected}。',
  'server.belfry.field.values': '{field} 必須是下列其中之一：{values}。',
  'server.belfry.field.too-big':
    '{origin, select, string {最多 {maximum, number} 個字元。} array {最多 {maximum, number} 項。} other {最大為 {maximum, number}。}}',
  'server.belfry.field.too-small':
    '{origin, select, string {至少 {minimum, number} 個字元。} array {至少 {minimum, number} 項。} other {最小為 {minimum, number}。}}',
  'server.belfry.field.format': '格式必須是 {format}。',
  'server.belfry.field.unknown': '請移除這裡不認得的欄位：{keys}。',
  'server.belfry.field.unusable': '這個內容無法使用。',

  // Text.
  'server.belfry.text.half-character': '請移除 {character}：它只是半個字元，單獨出現沒有意義。',
  'server.belfry.text.half-characters': '請移除半個字元（單獨的代理碼位）。',
  'server.belfry.text.direction': '請移除看不見的字元 {character}：它會顛倒文字的閱讀方向。',
  'server.belfry.text.control': '請移除控制字元 {character}。',
  'server.belfry.text.nul': '請移除 NUL 字元。',
  'server.belfry.text.one-line': '請寫成一行。',
  'server.belfry.text.tab': '請用空格取代定位字元。',
  'server.belfry.text.unseen': '請輸入看得見的文字。',

  // Streams.
  'server.belfry.shutting-down': '伺服器正在重新啟動。請過幾秒再試一次。',
  'server.belfry.no-such-stream': '沒有名為「{name}」的事件類型。可用的類型：{names}。',
  'server.belfry.too-many-streams':
    '你已開啟 {most, number} 條串流。請關閉其中一條，或在同一條串流中接收多種事件類型。',

  // The inbox.
  'server.belfry.cursor': 'cursor 是前一頁的 nextCursor。',
  'server.belfry.limit': 'limit 是 1 到 100 的數字。',
  'server.belfry.since': 'since 是先前回應結尾的 state。',
  'server.belfry.cannot-calculate-changes':
    '已經無法得知從那時起的變更。請重新讀取收件匣：GET /notifications/poll。',
  'server.belfry.id': 'id 是大於 0 的整數。',
  'server.belfry.ids': 'ids 是 id 的清單。',
  'server.belfry.ids-missing': '請至少指定一個 id。',
  'server.belfry.ids-too-many': '一次最多指定 {maximum, number} 個，或用 throughId 指定到哪一則為止。',
  'server.belfry.ids-or-through': '請指定 ids，或用 throughId 指定到哪一則為止。',
  'server.belfry.through-id': 'throughId 是畫面上最新一則通知的 id。',
  'server.belfry.until-past': 'until 的時間已過：請選擇較晚的時間。',
  'server.belfry.until-too-far': 'until 在一年以後：請選擇較早的時間。',
  'server.belfry.undo-token': 'undo 是變更後回應中的權杖。',
  'server.belfry.cannot-undo': '這個動作已經無法復原：請重新載入頁面，看看目前的狀態。',
  'server.belfry.action': 'action 是動作的名稱。',
  'server.belfry.no-such-action': '這則通知沒有名為「{action}」的動作。',

  'server.belfry.not-yours': '你沒有這則通知。',
  'server.belfry.over': '這件事已經結束，無法再回覆。',
  'server.belfry.decided-otherwise': '你已經對這件事做了不同的決定。',
  'server.belfry.answered-by': '這件事已經由使用者 {by} 回覆。',
  'server.belfry.input': '你填寫的內容無法使用：請看各個欄位。',
  'server.belfry.no-such-question': '你沒有問過這個問題。',
  'server.belfry.ask-again': '伺服器正在重新啟動。請過幾秒後用同樣的名稱再問一次。',
  'server.belfry.ask-by-name': `請指名要問的人：'{ "user": id }' 或 '{ "users": [ids] }'。`,
  'server.belfry.ask-too-many': '最多只能問 {most, number} 個人。',
  'server.belfry.option-name': '選項的名稱只能用英文字母、數字、_ 和 -，以小寫字母開頭，最多 64 個字元。',
  'server.belfry.options': '請提供 1 到 {most, number} 個選項。',
  'server.belfry.options-alike': '每個選項的名稱都不能相同。',
  'server.belfry.option-label-missing': '請為每個選項加上文字。',
  'server.belfry.option-label-too-long': '選項的文字最多 {maximum, number} 個字元。',

  // To whom.
  'server.belfry.to': `請指定收件對象："everyone"、'{ "user": id }'、'{ "users": [ids] }' 或 '{ "topic": name }'。`,
  'server.belfry.user': '請以應用程式自己的 id 指定使用者，長度為 1 到 255 個字元。',
  'server.belfry.user-missing': '使用者的 id 是空的。',
  'server.belfry.user-too-long': '使用者的 id 超過 {maximum, number} 個字元。',
  'server.belfry.users-missing': '請至少指定一位使用者。',
  'server.belfry.users-too-many': '最多指定 {maximum, number} 位使用者，或改用主題。',
  'server.belfry.no-such-user': '沒有使用者「{id}」：尚未傳送任何通知。',
  'server.belfry.topic-missing': '請為主題命名。',
  'server.belfry.topic-too-long': '主題名稱最多 {maximum, number} 個字元。',

  // What is sent, and when.
  'server.belfry.cannot-be-sent': '這則通知目前無法傳送：請檢查各個欄位。',
  'server.belfry.title-missing': '請輸入通知的標題。',
  'server.belfry.title-too-long': '標題最多 {maximum, number} 個字元。',
  'server.belfry.message-missing': '請輸入內容。',
  'server.belfry.message-too-long': '內容最多 {maximum, number} 個字元。',
  'server.belfry.link-missing': '請輸入連結的網址，或將它留空。',
  'server.belfry.link-too-long': '連結最多 {maximum, number} 個字元。',
  'server.belfry.link-unsafe': '連結請以 / 開頭指向本網站的頁面，或以 https:// 開頭。',
  'server.belfry.link-label-missing': '請輸入連結的文字，或將它省略。',
  'server.belfry.link-label-too-long': '連結的文字最多 {maximum, number} 個字元。',
  'server.belfry.time': '{field} 請使用含時區的 ISO 8601 時間，例如 2030-01-31T12:00:00Z。',
  'server.belfry.at-past': 'at 的時間已過：請選擇較晚的時間，或省略它以立即傳送。',
  'server.belfry.at-too-far': 'at 在一年以後：請選擇較早的時間。',
  'server.belfry.expiry-twice': 'expiresAt 與 expiresIn 只能擇一，不能同時指定。',
  'server.belfry.expiry-past': 'expiresAt 的時間已過，或早於 at：請選擇較晚的時間。',
  'server.belfry.expiry-too-far': 'expiresAt 在十年以後：請選擇較早的時間，或省略它。',
  'server.belfry.expires-in': 'expiresIn 請填秒數。',
  'server.belfry.expires-in-too-small': 'expiresIn 是大於 0 的秒數。',
  'server.belfry.expires-in-too-big': 'expiresIn 是秒數，最長十年。',
  'server.belfry.key-missing': '冪等鍵至少要有一個字元，或將它省略。',
  'server.belfry.key-too-long': '冪等鍵最多 {maximum, number} 個字元。',
  'server.belfry.no-such-type': '沒有名為「{name}」的事件類型。請定義它，並列入 app/event-types.ts。',
  'server.belfry.payload': 'payload 不符合事件類型 {name}。',
  'server.belfry.payload-too-long':
    'payload 轉成 JSON 後超過 {most, number} 個字元。請減少內容，其餘以連結提供。',

  // The database.
  'server.belfry.database.busy': '資料庫忙碌中。請過幾秒再試一次。',
  'server.belfry.database.unreachable': '無法連線到資料庫。請過幾秒再試一次。',
  'server.belfry.database.refused': '資料庫拒絕儲存通知；原因請看伺服器的記錄檔。',
  'server.belfry.database.read-only':
    '資料庫目前只能讀取、不能寫入：沒有儲存任何內容。請通知管理人員，再試一次。',
  'server.belfry.database.not-allowed':
    '資料庫不允許應用程式這麼做：沒有儲存任何內容。請通知管理人員，再試一次。',
  'server.belfry.database.disk-full': '磁碟已滿：沒有儲存任何內容。請通知管理人員，再試一次。',
  'server.belfry.database.disk-failed': '資料庫的磁碟無法讀寫。請通知管理人員，再試一次。',
  'server.belfry.database.damaged': '資料庫已損壞。管理人員必須還原備份。',
  'server.belfry.database.removed':
    '資料庫檔案不見了：目前無法儲存任何內容。管理人員必須放回檔案，或改用另一個檔案重新啟動伺服器。',
  'server.belfry.database.replaced':
    '資料庫檔案在伺服器執行期間被替換了：目前無法儲存任何內容。管理人員必須重新啟動伺服器。',
} as const satisfies Words;
