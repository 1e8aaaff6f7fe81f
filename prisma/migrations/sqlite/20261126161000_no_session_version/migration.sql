-- Sessions are rows of their own now. Those of before counted by this number.
ALTER TABLE "user" DROP COLUMN "session_version";
