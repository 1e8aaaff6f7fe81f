-- In which language somebody reads, where they have said so.
ALTER TABLE "user" ADD COLUMN "language" TEXT;
