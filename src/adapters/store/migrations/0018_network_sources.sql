CREATE TABLE "network_sources" (
	"exchange" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"set_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "network_sources" ADD CONSTRAINT "network_sources_account_id_exchange_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."exchange_accounts"("id") ON DELETE cascade ON UPDATE no action;