-- Whoever is deleted takes along what only they were asked, and what they filled in; and nothing is left of how their
-- newest notification read.
DROP TRIGGER "user_takes_theirs_along";

CREATE TRIGGER "user_takes_theirs_along" AFTER DELETE ON "user" BEGIN
    DELETE FROM "belfry_question" WHERE "id" IN (SELECT e."question_id" FROM "belfry_event" e WHERE e."target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT)))
        AND NOT EXISTS (SELECT 1 FROM "belfry_event" e WHERE e."question_id" = "belfry_question"."id" AND e."target_userid" <> (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT)));
    UPDATE "belfry_question" SET "answered_by" = '', "input" = NULL WHERE "answered_by" = CAST(OLD."id" AS TEXT);
    UPDATE "belfry_event" SET "event_type" = 'Deleted', "target_userid" = 0, "payload" = '{}', "expires_at" = "created_at",
        "idempotency_key" = NULL, "sent_by" = NULL, "payload_version" = 1, "content" = NULL, "group_key" = NULL, "question_id" = NULL
    WHERE "id" = (SELECT MAX("id") FROM "belfry_event")
        AND "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_event_receipt" WHERE "event_id" IN (SELECT "id" FROM "belfry_event"
        WHERE "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT)));
    DELETE FROM "belfry_event" WHERE "target_userid" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    UPDATE "belfry_event_outbox" SET "user_ids" = (
        SELECT json_group_array("value") FROM json_each("user_ids") WHERE "value" <> CAST(OLD."id" AS TEXT))
    WHERE "user_ids" IS NOT NULL;
    DELETE FROM "belfry_event_receipt" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_inbox" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    UPDATE "belfry_inbox_change" SET "user_id" = 0, "kind" = 'deleted', "through_id" = NULL, "token" = NULL, "before" = NULL
    WHERE "revision" = (SELECT MAX("revision") FROM "belfry_inbox_change")
        AND "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_inbox_change" WHERE "user_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    DELETE FROM "belfry_topic_member" WHERE "recipient_id" = (SELECT "id" FROM "belfry_recipient" WHERE "external_id" = CAST(OLD."id" AS TEXT));
    -- Beside the foreign key, which the sqlite3 program does not enforce.
    DELETE FROM "session" WHERE "user_id" = OLD."id";
END;
