/**
 * A page of an app that has taken nothing but `belfry/react`. provider.spec.ts bundles it, answers its requests, and
 * says with `show` who is signed in.
 */
import {
  InboxProvider,
  type InboxProviderProps,
  type Language,
  useConnection,
  useEvents,
  useInbox,
  useNotifications,
} from 'belfry/react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

declare global {
  interface Window {
    show: (props: Omit<InboxProviderProps, 'children' | 'language'> & Partial<InboxProviderProps>) => void;
    /** Said by the test. */
    language: Language;
  }
}

const root = createRoot(document.body.appendChild(document.createElement('main')));

window.show = (props) =>
  root.render(
    <InboxProvider language={window.language} {...props}>
      <Shown />
      <Done />
      <label>
        Draft <input />
      </label>
    </InboxProvider>,
  );

function Shown() {
  const { status, items, dismiss } = useInbox();
  const connection = useConnection();
  const [refusal, setRefusal] = useState('');
  const [heard, setHeard] = useState(0);
  useEvents('Tick', () => setHeard((count) => count + 1));
  return (
    <section aria-label="Inbox">
      <p>{`${status}, ${connection}, heard ${heard}`}</p>
      <ul>
        {items.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <button type="button" onClick={() => dismiss([1]).catch(({ message }) => setRefusal(message))}>
        Dismiss
      </button>
      <output>{refusal}</output>
    </section>
  );
}

function Done() {
  const { status, items } = useNotifications({ view: 'done' });
  return <p>{`done: ${status}, ${items.length}`}</p>;
}
