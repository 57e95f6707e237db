/** Every text of the console, in both languages. */
import type { OverridePattern, OverrideRow, TerminalState } from "../../shared/admin.ts";
import type { ObjectionOutcome } from "../../shared/objection.ts";

export type Language = "zh" | "en";

export const tagOf: Readonly<Record<Language, string>> = { zh: "zh-Hans", en: "en" };
const localeOf: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };

const texts = {
  title: ["绿色通道控制台", "Greenlane console"],
  language: ["English", "中文"],
  signIn: ["登录", "Sign in"],
  signOut: ["退出", "Sign out"],
  name: ["姓名（如 lin.mei）", "Name, such as lin.mei"],
  who: ["姓名", "Name"],
  about: ["对象", "About"],
  password: ["密码", "Password"],
  newPassword: ["新密码（至少 12 个字符）", "New password, at least 12 characters"],
  welcome: ["设置密码", "Choose a password"],
  welcomeAbout: ["此链接只能用一次。", "This link works once."],
  terminals: ["终端", "Terminals"],
  live: ["实时记录", "Live"],
  overrides: ["人工放行复核", "Overrides"],
  objections: ["异议", "Objections"],
  unanswered: ["待答复", "Unanswered"],
  answered: ["已答复", "Answered"],
  case: ["个案", "Case"],
  byWhom: ["由谁提出", "By whom"],
  own: ["本人手机签名", "Signed by the phone that it is about"],
  byCode: ["只凭凭证码", "By the receipt's code alone"],
  ownAbout: [
    "由本人的手机签名。答复只能给一次，会记入账本。",
    "The phone that it is about has signed it. An answer is given once, and is put on record.",
  ],
  byCodeAbout: [
    "看到凭证码的人都可能提出：答复中不要提到结果或任何个人情况。答复只能给一次，会记入账本。",
    "Anybody who saw the code may have written this: say nothing of what was decided, or of anybody. An answer is given once, and is put on record.",
  ],
  open: ["打开", "Open"],
  outcome: ["结论", "Outcome"],
  answer: ["答复", "Answer"],
  giveAnswer: ["给出答复", "Give the answer"],
  erased: ["（内容已按期删除）", "(erased when its time was over)"],
  quarantine: ["隔离记录", "Quarantine"],
  enrol: ["接入终端", "Enrol"],
  figures: ["图表", "Figures"],
  receipt: ["凭证查询", "Receipt"],
  exports: ["导出", "Exports"],
  publish: ["发布", "Publish"],
  operators: ["操作员", "Operators"],
  passkeys: ["我的通行密钥", "My passkeys"],
  passkeyAbout: [
    "通行密钥（指纹、面容、PIN 或安全密钥）可代替密码登录；密码仍然有效。添加时需再输一次密码。",
    "A passkey (finger, face, PIN or security key) signs you in without the password, which stays good. Adding one takes the password again.",
  ],
  passkeyNowhere: [
    "此处不能使用通行密钥：请用支持它的浏览器，并以域名（而非 IP 地址）打开控制台。",
    "Passkeys cannot be used here: take a browser that has them, and open the console by a name, not by an IP address.",
  ],
  passkeyLabel: ["密钥名称（如 前台平板）", "Its name, such as front desk tablet"],
  passkeyName: ["名称", "Name"],
  passkeyAdd: ["添加通行密钥", "Add a passkey"],
  passkeySignIn: ["用通行密钥登录", "Sign in with a passkey"],
  remove: ["移除", "Remove"],
  pages: ["页面", "Pages"],
  loading: ["正在读取……", "Reading ..."],
  connected: ["实时更新中", "New entries appear by themselves"],
  nothing: ["没有记录", "Nothing here"],
  nextPage: ["下一页", "Next page"],
  firstPage: ["回到第一页", "Back to the first page"],
  turnPages: ["翻页", "Turn pages"],
  all: ["全部", "All"],
  find: ["查找名称、编号或站点", "Find by name, id or site"],
  site: ["站点", "Site"],
  sites: ["各站点", "By site"],
  map: ["站点地图", "Map of the sites"],
  mapEmpty: [
    "站点还没有位置：在列表中选一个站点，填上纬度和经度。",
    "No site has a position yet: choose one in the list and give its latitude and longitude.",
  ],
  noPosition: ["未标位置", "not on the map"],
  position: ["纬度, 经度（如 26.0745, 119.2965）", "latitude, longitude, such as 26.0745, 119.2965"],
  save: ["保存", "Save"],
  state: ["状态", "State"],
  service: ["服务", "Service"],
  seen: ["最近联系", "Last heard"],
  pending: ["待上传", "Pending"],
  ordinaryFrom: ["优惠到期", "Perks until"],
  version: ["版本 / 清单", "Version / bundle"],
  p95: ["响应 p95", "Tap p95"],
  time: ["时间", "Time"],
  terminal: ["终端", "Terminal"],
  what: ["内容", "What"],
  code: ["凭证码", "Receipt code"],
  reason: ["原因", "Reason"],
  staff: ["工作人员", "Staff"],
  evidence: ["依据", "Evidence"],
  answers: ["所对应的记录", "What it answers"],
  reviews: ["复核记录", "Reviews"],
  note: ["说明", "Note"],
  written: ["工作人员补充", "In their own words"],
  approved: ["认可", "Approve"],
  questioned: ["询问", "Question"],
  // It is on record and moves no money: a word that promised more would deceive.
  annulled: ["判为不当", "Judge as wrong"],
  objection: ["申诉途径", "Where to object"],
  close: ["关闭", "Close"],
  entries: ["记录", "Entries"],
  cause: ["原因", "Cause"],
  programme: ["计划（如 fuzhou-moli）", "Programme, such as fuzhou-moli"],
  siteWord: ["站点（如 east-gate）", "Site, such as east-gate"],
  terminalName: ["终端名称", "Name of the terminal"],
  actuator: ["控制器", "Controller"],
  make: ["生成接入链接", "Make the link"],
  scanLink: [
    "在终端上扫描此码，或打开下面的链接。15 分钟内有效，只能用一次。",
    "Scan this on the device, or open the link below. Good once, for 15 minutes.",
  ],
  docks: ["车位数（1 至 60）", "Docks, 1 to 60"],
  tasks: ["办理", "Tasks"],
  usualTasks: ["免押金、先用后付、取号", "Deposits, pay later, numbers"],
  shiftTasks: ["志愿者签到", "Volunteers checked in"],
  both: ["进出", "In and out"],
  flow: ["每小时通行", "Let through per hour"],
  refers: ["转人工原因（48 小时）", "Referred, by reason (48 hours)"],
  terms: ["通行条件（48 小时）", "Terms (48 hours)"],
  latency: ["响应时间 p95，毫秒", "Latency p95, ms"],
  technical: ["因我方技术原因按普通条件（7 天）", "Ordinary for a cause of ours (7 days)"],
  search: ["查询", "Search"],
  receiptAbout: ["输入凭证上的短码，如 7KQM-3F2-9XT4。", "The short code of a receipt, such as 7KQM-3F2-9XT4."],
  begin: ["开始导出", "Begin"],
  download: ["下载", "Download"],
  format: ["格式", "Format"],
  running: ["进行中", "Under way"],
  done: ["完成", "Done"],
  failed: ["失败", "Failed"],
  invite: ["生成一次性链接", "Make a one-time link"],
  role: ["角色", "Role"],
  end: ["停用", "Revoke"],
  acts: ["操作日志", "What was done"],
  behind: ["正在统计，还有", "Still counting, to go:"],
  alerts: ["即将到期", "Ends soon"],
  now: ["已到期", "over"],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Word = keyof typeof texts;
export const say = (language: Language, word: Word): string => texts[word][language === "zh" ? 0 : 1];

const pick = (language: Language, both: readonly [string, string] | undefined, fallback: string): string =>
  both === undefined ? fallback : both[language === "zh" ? 0 : 1];

const states: Readonly<Record<TerminalState | OverrideRow["state"] | "active", readonly [string, string]>> = {
  well: ["正常", "Well"],
  attention: ["需要处理", "See to it"],
  silent: ["无联系", "Silent"],
  waiting: ["未接入", "Not enrolled"],
  revoked: ["已停用", "Revoked"],
  open: ["待复核", "Open"],
  approved: ["已认可", "Approved"],
  questioned: ["已询问", "Questioned"],
  annulled: ["已判为不当", "Judged as wrong"],
  active: ["有效", "Active"],
};
export const sayState = (language: Language, state: keyof typeof states): string =>
  pick(language, states[state], state);

const causes: Readonly<Record<string, readonly [string, string]>> = {
  "out-of-service": ["暂停服务", "out of service"],
  alarms: ["有提示", "notes for staff"],
  freshness: ["24 小时内优惠到期", "perks end within 24 hours"],
  pending: ["积压较多", "much is pending"],
  storage: ["存储将满", "storage nearly full"],
  technical: ["普通条件偏多", "much on ordinary terms"],
  unreadable: ["无法读取", "unreadable"],
  "after-revocation": ["停用后收到", "after revocation"],
  fork: ["两份历史", "two histories"],
  gap: ["分叉之后", "after a fork"],
  altered: ["与签名不符", "not what was signed"],
  full: ["不再保留", "no more is kept"],
  "no-such-entry": ["所指不存在", "names no entry"],
  "root-key": ["服务器密钥", "a key of the server"],
  issuer: ["发卡方密钥", "an issuer's key"],
  certificate: ["HTTPS 证书", "HTTPS certificate"],
  list: ["名单久未更新", "a list not published for long"],
  manifest: ["清单", "bundle"],
  perk: ["享受优惠", "with the perk"],
  ordinary: ["普通条件", "ordinary terms"],
  completed: ["已完成", "completed"],
  "timed-out": ["超时", "timed out"],
  fault: ["故障", "fault"],
  override: ["人工放行", "override"],
  started: ["已启动", "started"],
  agreed: ["条件确认", "terms confirmed"],
  installed: ["更新规则", "rules installed"],
  mode: ["切换状态", "in or out of service"],
  recovered: ["补录", "recovered"],
  annulled: ["已撤回", "taken back"],
  badge: ["出示工作证", "badge shown"],
  attempt: ["使用安全密钥", "security key asked for"],
  declined: ["办理被拒", "declined to staff"],
  standing: ["持续状态", "not as usual"],
  other: ["其他", "other"],
  release: ["紧急放行", "emergency release"],
  objection: ["异议", "objection"],
  answer: ["答复异议", "answer to an objection"],
  "refer:replay": ["转人工：重复出示", "referred: code used before"],
  "refer:passback": ["转人工：重复进站", "referred: passback"],
  "refer:revoked": ["转人工：凭证已撤销", "referred: credential revoked"],
  "refer:expired": ["转人工：凭证过期", "referred: expired"],
  "refer:stale": ["转人工：请刷新二维码", "referred: refresh the code"],
  "refer:not-ours": ["转人工：非本系统码", "referred: not our code"],
  "refer:unreadable": ["转人工：无法读取", "referred: unreadable"],
  "refer:unknown-issuer": ["转人工：未知发卡方", "referred: unknown issuer"],
  "refer:card-limit": ["转人工：卡片次数用完", "referred: card used up"],
  "refer:staff-badge": ["转人工：工作证", "referred: staff badge"],
};
/** Words that are not known here are shown as they stand in the log. */
export const sayCause = (language: Language, word: string): string => pick(language, causes[word], word);

const outcomes: Readonly<Record<ObjectionOutcome, readonly [string, string]>> = {
  stands: ["维持原结果", "It stands"],
  corrected: ["已更正", "Put right"],
  "passed-on": ["已转交信用计划", "Passed on to the programme"],
};
export const sayOutcome = (language: Language, outcome: ObjectionOutcome): string =>
  pick(language, outcomes[outcome], outcome);

const patterns: Readonly<Record<OverridePattern, readonly [string, string]>> = {
  "one-badge": ["同一工作证一小时内很多次", "one badge, often within an hour"],
  "one-reason": ["同一工作证几乎总是同一原因", "one badge, nearly always one reason"],
  "one-person": ["同一工作证为同一人多次", "one badge, one person, several times"],
  "one-minute": ["同一工作证一分钟内多次", "one badge, several times in a minute"],
  "two-places": ["同一工作证同时在两处", "one badge in two places at once"],
};
export const sayPattern = (language: Language, pattern: OverridePattern): string =>
  pick(language, patterns[pattern], pattern);

/** Overrides that are in no chain, where this queue cannot have them. */
export const sayApart = (language: Language, count: number): string =>
  pick(
    language,
    [
      `另有 ${sayNumber("zh", count)} 条在“隔离记录”中：那里的终端讲了另一段历史。请去查看。`,
      `${sayNumber("en", count)} more in Quarantine, where a terminal tells another history: look there, too.`,
    ],
    "",
  );

const troubles: Readonly<Record<string, readonly [string, string]>> = {
  "sign-in-refused": ["姓名或密码不正确。", "The name or the password is not right."],
  "no-passkey": [
    "没有使用通行密钥：已取消、超时，或此设备没有。",
    "No passkey was used: cancelled, too slow, or none here.",
  ],
  "passkey-refused": ["这把通行密钥不能添加。", "This passkey cannot be kept."],
  "passkey-unknown": ["这把通行密钥不被认可，请用密码。", "This passkey is not known here: use the password."],
  "no-position": [
    "请填纬度和经度，如 26.0745, 119.2965。",
    "Give a latitude and a longitude, such as 26.0745, 119.2965.",
  ],
  "not-signed-in": ["登录已结束，请重新登录。", "Your session has ended: sign in again."],
  "role-missing": ["您的角色不能做这件事，请联系管理员。", "Your role does not allow this: ask an administrator."],
  "https-needed": ["请用 HTTPS 打开控制台。", "Open the console by HTTPS."],
  "too-many": ["请稍候再试。", "Wait a while, then try again."],
  "code-refused": ["链接已失效，请向管理员要新的。", "The link is not good any more: ask for a new one."],
  malformed: ["填写内容不合要求，请检查。", "Something is not filled in as it must be: look again."],
  "answered-before": ["这件异议已经答复过。", "This case has its answer already."],
  "not-found": ["没有找到。", "Nothing was found."],
  "too-large": ["文件太大。", "That is too large."],
  "proposal-refused": ["内容有误，不能发布。", "This cannot be published as it stands."],
  "rehearsal-missing": ["请先完整预演这份内容。", "Rehearse exactly this first, to its end."],
  "rehearsal-outdated": [
    "预演之后已有新的发布，请重新预演。",
    "Something was published since: rehearse it again, and look what it says now.",
  ],
  unavailable: [
    "数据库暂时没有回应，请稍后再试；记录不会丢失。",
    "The database does not answer at the moment: try again later. No record is lost.",
  ],
  unreachable: ["连不上服务器，正在重试。", "The server cannot be reached; it is asked again."],
};
export const sayTrouble = (language: Language, word: string): string =>
  pick(
    language,
    troubles[word],
    pick(language, ["服务器没有完成，请重试。", "The server did not do it: try again."], ""),
  );

export const sayTime = (language: Language, at: number | null): string =>
  at === null
    ? "–"
    : new Intl.DateTimeFormat(localeOf[language], { dateStyle: "short", timeStyle: "medium" }).format(at * 1000);

export const sayNumber = (language: Language, value: number): string => value.toLocaleString(localeOf[language]);
