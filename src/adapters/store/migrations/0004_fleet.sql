CREATE TABLE "runners" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"roles" json NOT NULL,
	"bot_types" json,
	"started_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "observing_since" bigint;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "observing_reason" text;--> statement-breakpoint
ALTER TABLE "leases" ADD COLUMN "taken_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "installation" ADD CONSTRAINT "installation_observing" CHECK (("installation"."observing_since" is null) = ("installation"."observing_reason" is null));