/** A clock that stands until it is moved. */
export interface TestClock {
  /** For the option `now` of a Belfry. */
  now: () => Date;
  /** Moves it on. Timers do not hear of it: what is due by then is run by `belfry.runJobs()`. */
  advance: (milliseconds: number) => void;
}

/** @param start Default: 2030-01-01T00:00:00Z. */
export function testClock(start: Date = new Date(Date.UTC(2030, 0, 1))): TestClock {
  let time = start.getTime();
  return {
    now: () => new Date(time),
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}
