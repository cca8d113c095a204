CREATE TABLE "bot_commands" (
	"id" text PRIMARY KEY NOT NULL,
	"bot_id" text NOT NULL,
	"run_id" text NOT NULL,
	"name" text NOT NULL,
	"params" json NOT NULL,
	"created_at" bigint NOT NULL,
	"taken_at" bigint
);
--> statement-breakpoint
ALTER TABLE "bot_commands" ADD CONSTRAINT "bot_commands_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bot_commands_waiting" ON "bot_commands" USING btree ("bot_id","run_id") WHERE "bot_commands"."taken_at" is null;