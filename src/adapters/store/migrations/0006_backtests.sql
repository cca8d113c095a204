CREATE TABLE "backtest_documents" (
	"backtest_id" text PRIMARY KEY NOT NULL,
	"content" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "backtests" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"settings" json NOT NULL,
	"progress" double precision NOT NULL,
	"figures" json,
	"failure" text NOT NULL,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"ended_at" bigint,
	CONSTRAINT "backtests_state" CHECK ("backtests"."state" in ('waiting', 'running', 'done', 'failed', 'cancelled')),
	CONSTRAINT "backtests_over" CHECK (("backtests"."state" in ('waiting', 'running')) = ("backtests"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"candles" integer NOT NULL,
	"interval_ms" bigint NOT NULL,
	"start_at" bigint NOT NULL,
	"end_at" bigint NOT NULL,
	"bytes" integer NOT NULL,
	"content" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "backtest_documents" ADD CONSTRAINT "backtest_documents_backtest_id_backtests_id_fk" FOREIGN KEY ("backtest_id") REFERENCES "public"."backtests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backtests" ADD CONSTRAINT "backtests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backtests_list" ON "backtests" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "backtests_unfinished" ON "backtests" USING btree ("created_at") WHERE "backtests"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "datasets_list" ON "datasets" USING btree ("user_id","created_at","id");