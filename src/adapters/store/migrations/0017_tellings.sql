CREATE TABLE "signal_hours" (
	"user_id" text NOT NULL,
	"hour" bigint NOT NULL,
	"told" integer NOT NULL,
	"beyond" integer NOT NULL,
	"best_percent" numeric,
	"best_symbol" text,
	"is_told" boolean DEFAULT false NOT NULL,
	CONSTRAINT "signal_hours_user_id_hour_pk" PRIMARY KEY("user_id","hour")
);
--> statement-breakpoint
CREATE TABLE "signal_tellings" (
	"signal_id" text NOT NULL,
	"delay_ms" integer NOT NULL,
	"net_parts" bigint NOT NULL,
	"size_parts" bigint NOT NULL,
	"told_at" bigint NOT NULL,
	"again_at" bigint,
	"is_over" boolean DEFAULT false NOT NULL,
	CONSTRAINT "signal_tellings_signal_id_delay_ms_pk" PRIMARY KEY("signal_id","delay_ms")
);
--> statement-breakpoint
CREATE TABLE "told_signals" (
	"signal_id" text NOT NULL,
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"at" bigint NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "told_signals_signal_id_user_id_pk" PRIMARY KEY("signal_id","user_id"),
	CONSTRAINT "told_signals_state" CHECK ("told_signals"."state" in ('told', 'counted', 'over'))
);
--> statement-breakpoint
ALTER TABLE "signal_hours" ADD CONSTRAINT "signal_hours_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_tellings" ADD CONSTRAINT "signal_tellings_signal_id_signals_id_fk" FOREIGN KEY ("signal_id") REFERENCES "public"."signals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "told_signals" ADD CONSTRAINT "told_signals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "signal_hours_beyond" ON "signal_hours" USING btree ("hour") WHERE "signal_hours"."beyond" > 0 and not "signal_hours"."is_told";--> statement-breakpoint
CREATE INDEX "signal_hours_age" ON "signal_hours" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "signal_tellings_going" ON "signal_tellings" USING btree ("delay_ms") WHERE not "signal_tellings"."is_over";--> statement-breakpoint
CREATE INDEX "told_signals_key" ON "told_signals" USING btree ("key","at");--> statement-breakpoint
CREATE INDEX "told_signals_age" ON "told_signals" USING btree ("at");--> statement-breakpoint
CREATE INDEX "post_results_open" ON "post_results" USING btree ("opened_at") WHERE "post_results"."signal_state" = 'open';--> statement-breakpoint
CREATE INDEX "removed_signals_age" ON "removed_signals" USING btree ("removed_at");--> statement-breakpoint
-- Digests of devices are made under a key from now on; those of before name nobody any more.
DELETE FROM "login_devices";
