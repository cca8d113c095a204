CREATE TABLE "backtest_checks" (
	"id" text PRIMARY KEY NOT NULL,
	"backtest_id" text NOT NULL,
	"settings" json NOT NULL,
	"state" text NOT NULL,
	"progress" double precision NOT NULL,
	"result" json,
	"failure" text NOT NULL,
	"created_at" bigint NOT NULL,
	"ended_at" bigint,
	CONSTRAINT "backtest_checks_state" CHECK ("backtest_checks"."state" in ('waiting', 'running', 'done', 'failed')),
	CONSTRAINT "backtest_checks_over" CHECK (("backtest_checks"."state" in ('waiting', 'running')) = ("backtest_checks"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "optimization_candles" (
	"optimization_id" text PRIMARY KEY NOT NULL,
	"content" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "optimization_chunks" (
	"optimization_id" text NOT NULL,
	"chunk" integer NOT NULL,
	"content" text NOT NULL,
	CONSTRAINT "optimization_chunks_optimization_id_chunk_pk" PRIMARY KEY("optimization_id","chunk")
);
--> statement-breakpoint
CREATE TABLE "optimization_results" (
	"optimization_id" text NOT NULL,
	"rank" integer NOT NULL,
	"trial" integer NOT NULL,
	"config" json NOT NULL,
	"scores" json NOT NULL,
	"is_on_front" boolean NOT NULL,
	"in_sample" json NOT NULL,
	"out_of_sample" json,
	CONSTRAINT "optimization_results_optimization_id_rank_pk" PRIMARY KEY("optimization_id","rank")
);
--> statement-breakpoint
CREATE TABLE "optimizations" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"settings" json NOT NULL,
	"trials" integer NOT NULL,
	"trials_done" integer NOT NULL,
	"fingerprint" text NOT NULL,
	"summary" json,
	"failure" text NOT NULL,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"ended_at" bigint,
	CONSTRAINT "optimizations_state" CHECK ("optimizations"."state" in ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
	CONSTRAINT "optimizations_over" CHECK (("optimizations"."state" in ('waiting', 'running', 'paused')) = ("optimizations"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "bots" ADD COLUMN "warning" text;--> statement-breakpoint
ALTER TABLE "backtest_checks" ADD CONSTRAINT "backtest_checks_backtest_id_backtests_id_fk" FOREIGN KEY ("backtest_id") REFERENCES "public"."backtests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "optimization_candles" ADD CONSTRAINT "optimization_candles_optimization_id_optimizations_id_fk" FOREIGN KEY ("optimization_id") REFERENCES "public"."optimizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "optimization_chunks" ADD CONSTRAINT "optimization_chunks_optimization_id_optimizations_id_fk" FOREIGN KEY ("optimization_id") REFERENCES "public"."optimizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "optimization_results" ADD CONSTRAINT "optimization_results_optimization_id_optimizations_id_fk" FOREIGN KEY ("optimization_id") REFERENCES "public"."optimizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "optimizations" ADD CONSTRAINT "optimizations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backtest_checks_list" ON "backtest_checks" USING btree ("backtest_id","created_at","id");--> statement-breakpoint
CREATE INDEX "backtest_checks_unfinished" ON "backtest_checks" USING btree ("created_at") WHERE "backtest_checks"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "optimizations_list" ON "optimizations" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "optimizations_unfinished" ON "optimizations" USING btree ("created_at") WHERE "optimizations"."ended_at" is null;--> statement-breakpoint
ALTER TABLE "bots" ADD CONSTRAINT "bots_warning" CHECK ("bots"."warning" in ('in_sample', 'out_of_sample_loss'));