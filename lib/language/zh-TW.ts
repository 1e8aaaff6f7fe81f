/** The app's own words, in Traditional Chinese. */
import type { Words } from '../belfry/language/en.ts';
import type { en } from './en.ts';

export const zhTW = {
  // Pages.
  'language.label': '語言',

  // The server.
  'server.form.look-again': '有些欄位需要再看一下。',
  'server.form.no-form': '這個動作需要表單。請傳送表單。',

  // The server: who may do what.
  'server.auth.admin-only': '只有管理員可以這麼做。請以管理員帳號登入，或請管理員協助。',
  'server.auth.token-unknown': '無法辨識這個權杖。請用 `npm run create-token` 建立一個。',
  'server.auth.token-expired': '這個權杖已過期。請用 `npm run create-token` 建立新的權杖。',
  'server.auth.token-revoked': '這個權杖已撤銷。請用 `npm run create-token` 建立新的權杖。',
  'server.auth.token-scope':
    '這個權杖沒有「{scope}」的權限範圍。請建立有此範圍的權杖：`npm run create-token -- --scope {scope}`。',
  'server.auth.token-name': '請為權杖取一個 1 到 100 個字元的名稱，例如 ci。',
  'server.auth.email': '請輸入電子郵件地址，例如 ada@example.com。',
  'server.auth.email-too-long': '電子郵件地址最多 {maximum, number} 個字元。',
  'server.auth.name-missing': '請輸入名稱，讓其他人知道這是誰。',
  'server.auth.name-too-long': '名稱最多 {maximum, number} 個字元。',
  'server.auth.no-account': '{email} 沒有帳號。請檢查拼字是否正確。',

  // The server: signing in.
  'server.sign-in.tries-seconds': '嘗試登入的次數過多。請等候 {seconds, number} 秒後再試一次。',
  'server.sign-in.tries-minutes': '嘗試登入的次數過多。請等候 {minutes, number} 分鐘後再試一次。',
  'server.sign-in.crowd': '目前同時登入的人太多。請稍後再試一次。',
  'server.sign-in.post': '請以 POST 傳送登入表單。',
  'server.sign-in.no-path': '登入功能沒有這個路徑。',
  'server.sign-in.method': '登入功能的這個路徑不接受 {method}，或不接受這種形式。',
  'server.sign-in.callback': 'callbackUrl 不是網址。請指定本網站的路徑，例如 /admin。',
  'server.sign-in.error': 'error 不是錯誤的名稱：請使用字母與數字。',
  'server.sign-in.no-object': '內文不是 JSON 物件。請傳送 JSON 物件或表單。',

  // The server: passwords and sessions.
  'server.password.current': '請輸入你目前的密碼。',
  'server.password.not-current': '這不是你目前的密碼。',
  'server.password.new': '請選擇新密碼。',
  'server.password.again': '請再輸入一次新密碼。',
  'server.password.differs': '與上面輸入的不同。請再輸入一次新密碼。',
  'server.password.too-short': '密碼至少要有 {shortest} 個字元。',
  'server.password.too-long': '密碼最多 {maximum} 個字元。',
  'server.password.simple': '這個密碼只重複少數字元，或依照鍵盤順序排列。請選擇別人不會先猜的密碼。',
  'server.password.common':
    '這個密碼或其中的單字，是別人最先會猜的密碼之一。請換一個，例如幾個彼此無關的詞。',
  'server.password.own':
    '這個密碼由你的名字、電子郵件地址或這個應用程式的名稱組成。請選擇別人不會先猜的密碼。',
  'server.password.changed': '密碼已經變更，其他地方都已經登出。',
  'server.session.ended': '那個瀏覽器已經登出。',
  'server.session.had-ended': '那個瀏覽器先前就已經登出。',
  'server.session.others-ended': '其他地方都已經登出。',

  // The server: sending.
  'server.send.to': '請指定收件對象，而且只指定一次：to、audience "all" 或 targetUserId。',
  'server.send.type': '請指定應用程式所具有的通知類型。',
  'server.send.audience': 'audience 必須是 "all"。',
  'server.send.priority': '請選擇優先順序。',
  'server.send.expires': '請選擇到期時間。',
  'server.send.possible': '可以傳送。',
  'server.send.sent': '已將「{title}」傳送給所有人。',
  'server.send.too-many': '每分鐘最多只能傳送 {most, number} 則公告。請等候 {seconds, number} 秒後再傳送。',
  'server.answer.too-many':
    '你每分鐘可以查詢回覆 {most, number} 次。請等 {seconds, number} 秒，並讓每次查詢等候回覆：?wait=30。',
  'server.answer.wait': 'wait 是秒數，從 0 到 {most, number}。',
  'server.answer.nothing-here': '這個網址沒有任何內容。',
  'server.report.ready': '你的報告已完成。',
  'server.report.too-many':
    '每分鐘最多只能製作 {most, number} 份報告。請等候 {seconds, number} 秒後再試一次。',

  // The server: requests.
  'server.http.no-length': '請用標頭 Content-Length 說明內文的長度。',
  'server.http.fields': '最多只能傳送 {most, number} 個欄位。',
  'server.http.multipart': '內文不是完整的 multipart 表單。請重新傳送。',
  'server.http.not-http': '這不是 RFC 9112 所定義的 HTTP。請檢查方法、網址、標頭與長度。',
  'server.http.no-proxy': '這不是代理伺服器：這裡不能使用 CONNECT。請改用 {allow}。',
  'server.http.headers': '網址與標頭太長。合計請少於 16 kB。',
  'server.http.chunks': '分塊的延伸參數太長。請將它移除。',
  'server.http.too-slow': '請求未及時送達。請加快速度重新傳送。',
  'server.http.expect': '標頭 Expect 只能是 100-continue。請將它移除。',
  'server.http.web-socket': '這裡沒有 WebSocket：請不要附上標頭 Upgrade。',
  'server.http.host': '標頭 Host 必須恰好出現一次，內容為名稱或位址，可附上連接埠。',
  'server.http.address': '無法讀取這個網址。請寫本網站的路徑，特殊字元以 UTF-8 的 %XX 表示。',
  'server.http.router-state': '標頭 Next-Router-State-Tree 不屬於本網站。請重新載入頁面。',
} as const satisfies Words<typeof en>;
