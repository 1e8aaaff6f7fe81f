-- Whoever is deleted takes along what only they were asked, and what they filled in; and nothing is left of how their
-- newest notification read.
CREATE OR REPLACE FUNCTION "user_takes_theirs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    theirs INTEGER;
BEGIN
    SELECT "id" INTO theirs FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT);
    IF theirs IS NULL THEN
        RETURN NULL;
    END IF;
    DELETE FROM "belfry_question" WHERE "id" IN (SELECT e."question_id" FROM "belfry_event" e WHERE e."target_userid" = theirs)
        AND NOT EXISTS (SELECT 1 FROM "belfry_event" e WHERE e."question_id" = "belfry_question"."id" AND e."target_userid" <> theirs);
    UPDATE "belfry_question" SET "answered_by" = '', "input" = NULL WHERE "answered_by" = CAST(OLD."id" AS TEXT);
    UPDATE "belfry_event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL, "payload_version" = 1, "content" = NULL, "group_key" = NULL, "question_id" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "belfry_event") AND "target_userid" = theirs;
    DELETE FROM "belfry_event_receipt" WHERE "event_id" IN (SELECT "id" FROM "belfry_event" WHERE "target_userid" = theirs);
    DELETE FROM "belfry_event" WHERE "target_userid" = theirs;
    UPDATE "belfry_event_outbox" SET "user_ids" = (
        SELECT COALESCE(json_agg(u."id"), '[]')::text FROM json_array_elements_text("user_ids"::json) AS u ("id")
        WHERE u."id" <> CAST(OLD."id" AS TEXT))
    WHERE "user_ids" IS NOT NULL;
    DELETE FROM "belfry_event_receipt" WHERE "user_id" = theirs;
    DELETE FROM "belfry_inbox" WHERE "user_id" = theirs;
    UPDATE "belfry_inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "belfry_inbox_change") AND "user_id" = theirs;
    DELETE FROM "belfry_inbox_change" WHERE "user_id" = theirs;
    DELETE FROM "belfry_topic_member" WHERE "recipient_id" = theirs;
    RETURN NULL;
END
$$;
