CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"condition" json NOT NULL,
	"note" text NOT NULL,
	"repeats" boolean NOT NULL,
	"cooldown_ms" bigint NOT NULL,
	"is_on" boolean NOT NULL,
	"is_armed" boolean NOT NULL,
	"memory" json NOT NULL,
	"times_triggered" integer DEFAULT 0 NOT NULL,
	"triggered_at" bigint,
	"created_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "telegram_codes" (
	"user_id" text PRIMARY KEY NOT NULL,
	"code_hash" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "telegram_links" (
	"user_id" text PRIMARY KEY NOT NULL,
	"chat_id" text NOT NULL,
	"linked_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "telegram_turns" (
	"bot_id" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"next_update" bigint,
	"received_at" bigint,
	"name" text
);
--> statement-breakpoint
CREATE TABLE "telegram_updates" (
	"bot_id" text NOT NULL,
	"update_id" bigint NOT NULL,
	"chat_id" text NOT NULL,
	"update" json,
	"received_at" bigint NOT NULL,
	"claimed_by" text,
	"claimed_until" timestamp with time zone,
	"tries" integer DEFAULT 0 NOT NULL,
	"done_at" bigint,
	CONSTRAINT "telegram_updates_pk" PRIMARY KEY("bot_id","update_id")
);
--> statement-breakpoint
CREATE TABLE "bot_hooks" (
	"bot_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"hook_id" text NOT NULL,
	"sealed" text NOT NULL,
	"is_enabled" boolean NOT NULL,
	"max_age_seconds" integer,
	"is_trading_view_only" boolean NOT NULL,
	"created_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	"last_at" bigint,
	"last_outcome" text
);
--> statement-breakpoint
CREATE TABLE "hook_receipts" (
	"bot_id" text NOT NULL,
	"digest" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "hook_receipts_pk" PRIMARY KEY("bot_id","digest")
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telegram_codes" ADD CONSTRAINT "telegram_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telegram_links" ADD CONSTRAINT "telegram_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bot_hooks" ADD CONSTRAINT "bot_hooks_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bot_hooks" ADD CONSTRAINT "bot_hooks_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hook_receipts" ADD CONSTRAINT "hook_receipts_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alerts_list" ON "alerts" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "alerts_on" ON "alerts" USING btree ("is_on");--> statement-breakpoint
CREATE UNIQUE INDEX "telegram_codes_hash" ON "telegram_codes" USING btree ("code_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "telegram_links_chat" ON "telegram_links" USING btree ("chat_id");--> statement-breakpoint
CREATE INDEX "telegram_updates_done" ON "telegram_updates" USING btree ("done_at");--> statement-breakpoint
CREATE UNIQUE INDEX "bot_hooks_hook" ON "bot_hooks" USING btree ("hook_id");--> statement-breakpoint
CREATE INDEX "bot_hooks_user" ON "bot_hooks" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "hook_receipts_at" ON "hook_receipts" USING btree ("at");