ALTER TABLE "installation" ADD COLUMN "observing_since" bigint;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "observing_reason" text;--> statement-breakpoint
ALTER TABLE "installation" ADD CONSTRAINT "installation_observing" CHECK (("installation"."observing_since" is null) = ("installation"."observing_reason" is null));