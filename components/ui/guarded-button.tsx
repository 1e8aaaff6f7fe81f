import { GuardedButton as Guarded, type GuardedButtonProps } from 'belfry/react';
import { lookOf } from './button.tsx';

/** A button for what cannot be taken back: the package's own, with this app's look. */
export function GuardedButton({ className = '', ...rest }: GuardedButtonProps) {
  return <Guarded {...rest} className={`${lookOf('primary')} ${className}`} />;
}
