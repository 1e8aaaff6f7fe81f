-- Whoever is deleted takes what is theirs alone along, however the row is deleted. What was sent to everybody stays.
-- The newest event leaves an empty one that is for nobody: ids, and with them what clients have read up to, never go back.
CREATE FUNCTION "user_takes_theirs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "event") AND "target_userid" = OLD."id";
    DELETE FROM "event_receipt" WHERE "event_id" IN (SELECT "id" FROM "event" WHERE "target_userid" = OLD."id");
    DELETE FROM "event" WHERE "target_userid" = OLD."id";
    DELETE FROM "event_outbox" WHERE "target_userid" = OLD."id";
    DELETE FROM "event_receipt" WHERE "user_id" = OLD."id";
    DELETE FROM "inbox" WHERE "user_id" = OLD."id";
    RETURN NULL;
END
$$;

CREATE TRIGGER "user_takes_theirs_along" AFTER DELETE ON "user"
    FOR EACH ROW EXECUTE FUNCTION "user_takes_theirs_along"();
