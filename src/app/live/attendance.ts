/** placeholder */
export const SESSION_ENDED = 'session_ended';
