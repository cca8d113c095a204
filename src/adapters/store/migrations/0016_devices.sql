CREATE TABLE "login_devices" (
	"user_id" text NOT NULL,
	"device_hash" text NOT NULL,
	"last_login_at" bigint NOT NULL,
	CONSTRAINT "login_devices_key" PRIMARY KEY("user_id","device_hash")
);
--> statement-breakpoint
ALTER TABLE "login_devices" ADD CONSTRAINT "login_devices_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;