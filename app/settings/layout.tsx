import { SettingsNav } from './settings-nav.tsx';

export default function SettingsLayout({ children }: LayoutProps<'/settings'>) {
  return (
    <>
      <SettingsNav />
      {children}
    </>
  );
}
