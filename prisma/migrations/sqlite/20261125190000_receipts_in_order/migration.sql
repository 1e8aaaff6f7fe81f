-- Clean-up goes through receipts by their age, a few at a time, and has to find its place again.
DROP INDEX "event_receipt_dismissed_at_idx";

CREATE INDEX "event_receipt_dismissed_at_user_id_event_id_idx" ON "event_receipt"("dismissed_at", "user_id", "event_id");
