-- What a token may do, and until when. One that is there keeps what it could do: everything, and for ever.
ALTER TABLE "api_token" ADD COLUMN "scopes" TEXT NOT NULL DEFAULT 'send,metrics';

ALTER TABLE "api_token" ADD COLUMN "expires_at" TIMESTAMP(3);
