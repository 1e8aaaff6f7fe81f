/** A place in a list, and the cursor that stands for it on the wire. Pure. */

/** Where an item stands: by `orderId`, and among equals by `id`, both descending. */
export interface Place {
  orderId: number;
  id: number;
}

/** A cursor as clients have it. */
export function formatPlace({ orderId, id }: Place): string {
  return orderId === id ? `${id}` : `${orderId}-${id}`;
}

/** The place that a cursor stands for; `null` when it stands for none. */
export function parsePlace(cursor: string): Place | null {
  const [, first, second] = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(cursor) ?? [];
  if (first === undefined) return null;
  const place = { orderId: Number(first), id: Number(second ?? first) };
  return Number.isSafeInteger(place.orderId) && Number.isSafeInteger(place.id) && place.id > 0 ? place : null;
}
