import { Code } from '@/components/ui/code.tsx';

const LINES = [
  ['await ', 'sendUserNotification', '({'],
  ['  targetUserId: ', 'user.id', ','],
  ['  title: ', "'Your report is ready'", ','],
  ['  message: ', "'Nine pages, two charts.'", ','],
  ['  link: ', "'/reports/9'", ','],
  ['});', '', ''],
] as const;

/** How a notification is sent from the code of the app. */
export function SendSample() {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto rounded-xl border border-line bg-sunken px-5 py-4 text-sm leading-relaxed max-sm:px-4 max-sm:text-[0.8125rem]"
    >
      <Code>
        {LINES.map(([before, accent, after]) => (
          <span key={before} className="block">
            <span className="text-soft">{before}</span>
            <span className="text-verdigris-text">{accent}</span>
            <span className="text-soft">{after}</span>
          </span>
        ))}
      </Code>
    </pre>
  );
}
