CREATE TABLE "channel_readings" (
	"source_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"channel" text NOT NULL,
	"chat_id" text,
	"channel_id" text,
	"access_hash" text,
	"title" text,
	"pts" integer,
	"last_message_id" integer,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "telegram_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"slot" integer DEFAULT 1 NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"sealed" text NOT NULL,
	"key_version" integer NOT NULL,
	"status" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "channel_readings" ADD CONSTRAINT "channel_readings_source_id_post_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."post_sources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channel_readings" ADD CONSTRAINT "channel_readings_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telegram_sessions" ADD CONSTRAINT "telegram_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "channel_readings_user" ON "channel_readings" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "telegram_sessions_one" ON "telegram_sessions" USING btree ("slot");