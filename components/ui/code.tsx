import '@fontsource-variable/geist-mono/wght.css';
import type { ComponentProps } from 'react';

/** Code, and what is copied letter by letter, in the house's font for it. */
export function Code({ className = '', ...rest }: ComponentProps<'code'>) {
  return <code {...rest} className={`font-mono ${className}`} />;
}
