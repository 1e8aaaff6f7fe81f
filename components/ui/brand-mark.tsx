/** The mark: a bell hanging in the arched opening of its tower. Decorative; the name stands beside it. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <path className="fill-verdigris" d="M3 28V15a13 13 0 0 1 26 0v13a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z" />
      <path
        className="fill-paper"
        d="M16 7.4c-3.9 0-5.9 2.7-6.2 6.4-.3 3.7-.9 5.2-2.2 6.9-.5.7 0 1.6.8 1.6h15.2c.8 0 1.3-.9.8-1.6-1.3-1.7-1.9-3.2-2.2-6.9-.3-3.7-2.3-6.4-6.2-6.4z"
      />
      <circle className="fill-clapper" cx="16" cy="25.1" r="2.1" />
    </svg>
  );
}
