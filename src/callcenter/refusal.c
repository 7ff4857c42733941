#include "refusal.h"

static const struct refusal_text texts[REFUSAL__MAX] = {
	[REFUSAL_INCOMPLETE_REQUEST] = { 400, "incomplete_request",
	    "The request was cut off on its way. Try once more." },
	[REFUSAL_MALFORMED_REQUEST] = { 400, "malformed_request",
	    "The request could not be read. Reload the page; if it happens again, tell your supervisor." },
	[REFUSAL_UNKNOWN_FIELD] = { 400, "unknown_field",
	    "The request has a field that is not used here. See the API section of the documentation." },
	[REFUSAL_REPEATED_FIELD] = { 400, "repeated_field", "The request has a field or header twice." },
	[REFUSAL_MISSING_PARAMETER] = { 400, "missing_parameter",
	    "Missing parameter. A request names its task or its number (to), and a check also its verification_code." },
	[REFUSAL_QUERY_NOT_ALLOWED] = { 400, "query_not_allowed",
	    "Parameters belong in the body of the request, not in its address." },
	[REFUSAL_METHOD_NOT_ALLOWED] = { 405, "method_not_allowed", "Only POST is answered here." },
	[REFUSAL_BODY_TOO_LARGE] = { 413, "body_too_large", "The request is larger than 16 KiB." },
	[REFUSAL_UNSUPPORTED_MEDIA_TYPE] = { 415, "unsupported_media_type",
	    "Send the fields as application/x-www-form-urlencoded or application/json, in UTF-8." },
	[REFUSAL_TOKEN_TOO_LONG] = { 431, "token_too_long", "The sign-in token is longer than 8 KiB." },
	[REFUSAL_ORIGIN_NOT_ALLOWED] = { 403, "origin_not_allowed",
	    "This web page may not use the service. The administrator lists the pages in ALLOWED_ORIGINS." },
	[REFUSAL_VOICE_OFF] = { 404, "voice_off",
	    "Callers are not verified here before an agent has them. VOICE_PUBLIC_URL switches it on." },
	[REFUSAL_NOT_FROM_TWILIO] = { 403, "not_from_twilio",
	    "Twilio's signature is missing or not of this request. Compare VOICE_PUBLIC_URL and AUTH_TOKEN with the "
	    "number's settings at Twilio." },
	[REFUSAL_INVALID_TASK] = { 400, "invalid_task", "A task is named by its SID: WT and 32 hex digits." },
	[REFUSAL_INVALID_NUMBER] = { 422, "invalid_number",
	    "That number is not in international form. It starts with + and the country code." },
	[REFUSAL_INVALID_CHANNEL] = { 400, "invalid_channel", "A channel is one of sms, call, whatsapp, email." },
	[REFUSAL_INVALID_LOCALE] = { 400, "invalid_locale", "A locale is a language tag such as en or pt-BR." },
	[REFUSAL_INVALID_ACTION] = { 400, "invalid_action",
	    "An action is one of cancel, stop, end, text_link, cancel_link, call_back, called_back, key_in, "
	    "bring_back; of a link's page, yes or no." },
	[REFUSAL_INVALID_CODE] = { 400, "invalid_code",
	    "That is not a whole code. Compare its length with the customer's message." },
	[REFUSAL_INVALID_REASON] = { 400, "invalid_reason",
	    "A reason has 10 to 200 characters. Say why in words that somebody else understands later." },
	[REFUSAL_INVALID_MINUTES] = { 400, "invalid_minutes",
	    "The minutes are a whole number, from 1 to the most that is configured." },
	[REFUSAL_INVALID_TIME] = { 400, "invalid_time",
	    "A time is written as 2026-11-22T09:00:00Z, and from one to the other are at most 25 hours." },

	[REFUSAL_INVALID_NONCE] = { 400, "invalid_nonce",
	    "A nonce has 16 to 64 characters out of letters, digits, - and _, and is another one each time." },

	[REFUSAL_PINS_OFF] = { 403, "pins_off",
	    "PINs are switched off here. They need PORTAL_KEY, and CONTACT_SOURCE=customer." },
	[REFUSAL_BAD_SIGNATURE] = { 401, "bad_signature",
	    "X-Flex-Verify-Signature is not the HMAC-SHA-256 of this body, made with PORTAL_KEY, in lower-case hex." },
	[REFUSAL_UNTIMELY_REQUEST] = { 401, "untimely_request",
	    "The time of the request is more than five minutes from this server's. Compare the clocks." },
	[REFUSAL_REQUEST_REPLAYED] = { 409, "request_replayed",
	    "This request was answered before. Each has a nonce of its own." },
	[REFUSAL_TOO_MANY_PINS] = { 429, "too_many_pins",
	    "This customer was shown too many PINs. Show the last one until it runs out, or wait." },

	[REFUSAL_AGENT_NOT_SIGNED_IN] = { 401, "agent_not_signed_in", "Sign in to verify callers." },
	[REFUSAL_AGENT_SESSION_EXPIRED] = { 401, "agent_session_expired",
	    "Your sign-in has run out. Sign in again to go on." },
	[REFUSAL_AGENT_NOT_ALLOWED] = { 403, "agent_not_allowed",
	    "Your sign-in is not that of an agent who may do this. Ask your supervisor." },
	[REFUSAL_SIGN_IN_UNAVAILABLE] = { 503, "sign_in_unavailable",
	    "Your sign-in could not be checked with Twilio. Nothing was sent. Try again in a few seconds." },
	[REFUSAL_NOT_YOUR_TASK] = { 403, "not_your_task",
	    "This contact is not yours. Accept it first, or ask the agent who has it." },
	[REFUSAL_OWN_TASK] = { 403, "own_task",
	    "You hold this contact or handled its codes, so it takes a second supervisor. Ask another one." },
	[REFUSAL_OVERRIDE_OFF] = { 403, "override_off",
	    "Nobody is let through without proof here. Verify the customer another way." },

	[REFUSAL_TASK_NOT_FOUND] = { 404, "task_not_found", "There is no such contact any more." },
	[REFUSAL_TASK_CLOSED] = { 409, "task_closed", "This contact has ended, so it can no longer be verified." },
	[REFUSAL_TASK_UNAVAILABLE] = { 503, "task_unavailable",
	    "This contact could not be looked up at Twilio. Nothing was sent. Try again in a few seconds." },
	[REFUSAL_NO_NUMBER] = { 422, "no_number",
	    "This contact has no phone number that a code could be sent to. Verify another way." },
	[REFUSAL_NUMBER_MISMATCH] = { 409, "number_mismatch",
	    "That is not the number of this contact. Codes go to the contact's own number only." },
	[REFUSAL_CHANNEL_NOT_ALLOWED] = { 422, "channel_not_allowed",
	    "Codes are not sent that way here. Choose another." },
	[REFUSAL_CUSTOMER_NOT_FOUND] = { 422, "customer_not_found",
	    "No customer record belongs to this contact, so no number on file is known. Verify another way." },
	[REFUSAL_COUNTRY_NOT_ALLOWED] = { 422, "country_not_allowed",
	    "The number is of a country that codes are not sent to. Verify another way." },
	[REFUSAL_NUMBER_CHANGED_RECENTLY] = { 422, "number_changed_recently",
	    "The number on file was changed only recently, so a code to it proves too little. Verify another way." },

	[REFUSAL_VERIFICATION_BUSY] = { 409, "verification_busy",
	    "A code for this contact is being sent or checked right now. Wait a few seconds." },
	[REFUSAL_NO_PENDING_CODE] = { 404, "no_pending_code", "No code is waiting for an answer. Send one first." },
	[REFUSAL_ALREADY_APPROVED] = { 409, "already_approved", "This customer is verified already." },
	[REFUSAL_CODE_EXPIRED] = { 410, "code_expired", "That code is no longer valid. Send a new one." },
	[REFUSAL_WRONG_CODE] = { 401, "wrong_code", 
	    "That code does not match. While tries are left, ask the customer to read it once more." },
	[REFUSAL_PIN_EXPIRED] = { 410, "pin_expired",
	    "That PIN was used already or has run out. Ask the customer to have a new one shown." },
	[REFUSAL_TOO_MANY_CHECKS] = { 429, "too_many_checks",
	    "Too many codes did not match. Wait until the lock ends, or ask a supervisor to open it, then send a new "
	    "one." },
	[REFUSAL_TOO_MANY_SENDS] = { 429, "too_many_sends",
	    "Too many codes went to this number. Enter the latest one if it is still asked for; otherwise wait "
	    "ten minutes." },
	[REFUSAL_RESULT_UNCLEAR] = { 409, "result_unclear",
	    "An answer from Twilio was lost, so it is not known what became of the last code. Send a new one." },
	[REFUSAL_CONTACT_STOPPED] = { 409, "contact_stopped",
	    "The caller said that they did not contact us, so no code is sent or checked here. A supervisor can "
	    "open it again." },
	[REFUSAL_CALLBACKS_OFF] = { 403, "callbacks_off",
	    "Customers are not called back here. It needs CALLBACK_WORKFLOW_SID, and CONTACT_SOURCE=customer." },
	[REFUSAL_CALLBACK_ASKED] = { 409, "callback_asked",
	    "A call-back of this contact is asked for already. End the contact; the call-back comes as a task." },
	[REFUSAL_NO_CALLBACK] = { 404, "no_callback",
	    "This contact is no call-back that was asked for here. Verify the customer another way." },
	[REFUSAL_CALLBACK_EXPIRED] = { 410, "callback_expired",
	    "This call-back was asked for too long ago and proves nothing any more. Verify another way." },
	[REFUSAL_CALLBACK_USED] = { 409, "callback_used",
	    "This call-back is on record already, and counts once." },
	[REFUSAL_NOT_CALLED_BACK] = { 409, "not_called_back",
	    "Twilio knows of no answered call to the number on file just now. Call it, and say so while the customer "
	    "is on the line." },
	[REFUSAL_CALLBACK_FAILED] = { 502, "callback_failed",
	    "Twilio made no task for the call-back, or did not say so. Ask for it once more." },
	[REFUSAL_CALLS_UNAVAILABLE] = { 503, "calls_unavailable",
	    "Twilio could not be asked if the call is under way. Nothing is on record. Try again in a few seconds." },
	[REFUSAL_LINKS_OFF] = { 403, "links_off",
	    "Links are not texted here. It needs APPROVAL_URL and a sender." },
	[REFUSAL_UNKNOWN_LINK] = { 404, "unknown_link",
	    "This link is not whole, or none of ours. Open it from the text message once more." },
	[REFUSAL_LINK_EXPIRED] = { 410, "link_expired",
	    "This link is no longer valid. If you are on a call with us, ask for a new one." },
	[REFUSAL_LINK_USED] = { 409, "link_used", "This link was answered already, and counts once." },
	[REFUSAL_KEY_IN_OFF] = { 403, "key_in_off",
	    "Callers do not key codes in here while they talk to an agent. VOICE_KEY_IN=on switches it on." },
	[REFUSAL_CALLER_KEYS_IN] = { 409, "caller_keys_in",
	    "The caller is being asked to key the code in. Wait for that, or bring the caller back first." },
	[REFUSAL_NO_CONFERENCE] = { 409, "no_conference",
	    "The caller cannot be asked now: the call is on hold, was taken over, is none that came in, or is over. "
	    "Have the code read out." },
	[REFUSAL_KEY_IN_FAILED] = { 502, "key_in_failed",
	    "Twilio did not ask the caller, who is still with you. Have the code read out, or try again." },
	[REFUSAL_KEY_IN_UNCLEAR] = { 502, "key_in_unclear",
	    "Twilio did not say if the caller is being asked. If you hear nobody, wait for the code, or bring the "
	    "caller back." },
	[REFUSAL_NOT_KEYING_IN] = { 409, "not_keying_in", "The caller is not being asked to key the code in." },
	[REFUSAL_NOT_APPROVED] = { 409, "not_approved", "This customer is not verified now." },
	[REFUSAL_NOT_LOCKED] = { 409, "not_locked",
	    "Neither the number is locked nor the contact stopped, so there is nothing to open." },
	[REFUSAL_UNKNOWN_REFERENCE] = { 404, "unknown_reference",
	    "No verification has this reference. Compare its 8 characters with those on the agent's panel." },
	[REFUSAL_RESEND_TOO_SOON] = { 429, "resend_too_soon",
	    "A code was sent a moment ago. It can take a few seconds; then it can be sent again." },
	[REFUSAL_AGENT_LIMIT] = { 429, "agent_limit",
	    "You have reached the limit of codes for this hour. Tell your supervisor." },
	[REFUSAL_SYSTEM_LIMIT] = { 429, "system_limit",
	    "This call centre has reached its limit of codes for this hour. Tell your supervisor." },

	[REFUSAL_NUMBER_NOT_USABLE] = { 422, "number_not_usable",
	    "Twilio cannot use that number or language. Read the number back to the customer." },
	[REFUSAL_LANDLINE] = { 422, "landline", "This line cannot get texts. Try a call instead." },
	[REFUSAL_NO_TEXTS] = { 422, "no_texts", "Texts cannot reach this number. Try a call." },
	[REFUSAL_OPTED_OUT] = { 422, "opted_out", "The customer has blocked our texts. Try a call." },
	[REFUSAL_NUMBER_BLOCKED] = { 422, "number_blocked",
	    "Codes cannot be sent to this number. Verify another way." },
	[REFUSAL_RANGE_BLOCKED] = { 422, "range_blocked",
	    "Texts to this number range are blocked for some hours. Try a call." },
	[REFUSAL_COUNTRY_BLOCKED] = { 422, "country_blocked",
	    "Codes are not allowed to this country. Verify another way." },
	[REFUSAL_CHANNEL_OFF] = { 422, "channel_off", "That way of sending is switched off. Choose another." },
	[REFUSAL_CALLS_OFF] = { 422, "calls_off", "Calls are not allowed to this number. Send a text." },
	[REFUSAL_NO_VOICE] = { 422, "no_voice", "There is no spoken code in that language. Send a text." },
	[REFUSAL_EMAIL_OFF] = { 422, "email_off", "E-mail is not set up or out of order. Use another way." },
	[REFUSAL_EMAIL_REFUSED] = { 422, "email_refused", "That e-mail address cannot be used. Use another way." },
	[REFUSAL_WHATSAPP_OFF] = { 422, "whatsapp_off", "WhatsApp is not set up. Use another way." },

	[REFUSAL_TWILIO_UNREACHABLE] = { 503, "twilio_unreachable",
	    "Twilio Verify could not be reached. Nothing was sent." },
	[REFUSAL_TWILIO_TIMED_OUT] = { 504, "twilio_timed_out",
	    "Twilio did not answer in time. It is not known whether the code was sent or checked. Ask if a code "
	    "arrived before you send again." },
	[REFUSAL_ANSWER_LOST] = { 502, "answer_lost",
	    "Twilio's answer was lost. It is not known whether the code was sent or checked. Ask if a code "
	    "arrived before you send again." },
	[REFUSAL_TWILIO_BAD_ANSWER] = { 502, "twilio_bad_answer",
	    "Twilio's answer cannot be used. It is not known whether the code was sent or checked. Ask if a code "
	    "arrived before you send again." },
	[REFUSAL_TWILIO_FAILED] = { 502, "twilio_failed",
	    "Twilio has a problem. It is not known whether the code was sent or checked. Ask if a code arrived "
	    "before you send again." },
	[REFUSAL_OVERLOADED] = { 503, "overloaded",
	    "Too many requests at once here. Nothing was done. Try again in a few seconds." },
	[REFUSAL_TWILIO_BUSY] = { 503, "twilio_busy", "Twilio is busy. Nothing was sent. Try again in a few seconds." },
	[REFUSAL_TWILIO_LIMIT] = { 429, "twilio_limit",
	    "A limit on codes that is set at Twilio is reached. Nothing was sent. Wait, or verify another way." },
	[REFUSAL_TWILIO_CREDENTIALS] = { 503, "twilio_credentials",
	    "Twilio does not accept this service's key. Nothing was sent. Tell your supervisor." },
	[REFUSAL_TWILIO_SETUP] = { 502, "twilio_setup",
	    "The Verify service is not set up for this. Nothing was sent. Tell your supervisor." },
	[REFUSAL_TWILIO_TRIAL] = { 422, "twilio_trial",
	    "This Twilio trial account may not send to this number. Tell your supervisor." },
	[REFUSAL_TWILIO_REFUSED] = { 502, "twilio_refused",
	    "Twilio refused the request. Nothing was sent. Tell your supervisor." },
	[REFUSAL_CUSTOMER_LOOKUP_FAILED] = { 502, "customer_lookup_failed",
	    "The customer's record could not be fetched, so nothing was sent or shown. Try again in a few seconds." },
	[REFUSAL_LEDGER_UNAVAILABLE] = { 503, "ledger_unavailable",
	    "The record of verifications cannot be written now, so nobody can be verified. Try again in a few "
	    "seconds." },
	[REFUSAL_INTERNAL_ERROR] = { 500, "internal_error",
	    "Something went wrong on the server. Try again; if it happens again, tell your supervisor." },
};

const struct refusal_text *
refusal_text(enum refusal refusal)
{
	return &texts[refusal];
}

enum refusal
refusal_of_request(enum request_result result)
{
	switch (result) {
	case REQUEST_OK:
		return REFUSAL_NONE;
	case REQUEST_INCOMPLETE:
		return REFUSAL_INCOMPLETE_REQUEST;
	case REQUEST_BODY_TOO_LARGE:
		return REFUSAL_BODY_TOO_LARGE;
	case REQUEST_REPEATED_HEADER:
		return REFUSAL_REPEATED_FIELD;
	case REQUEST_MALFORMED_HEADER:
		return REFUSAL_MALFORMED_REQUEST;
	case REQUEST_TOKEN_TOO_LONG:
		return REFUSAL_TOKEN_TOO_LONG;
	case REQUEST_METHOD_NOT_ALLOWED:
		return REFUSAL_METHOD_NOT_ALLOWED;
	case REQUEST_QUERY_NOT_ALLOWED:
		return REFUSAL_QUERY_NOT_ALLOWED;
	case REQUEST_TYPE_NOT_SUPPORTED:
		return REFUSAL_UNSUPPORTED_MEDIA_TYPE;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
refusal_of_form(enum form_result result)
{
	switch (result) {
	case FORM_OK:
		return REFUSAL_NONE;
	case FORM_MALFORMED:
		return REFUSAL_MALFORMED_REQUEST;
	case FORM_UNKNOWN_FIELD:
	case FORM_TOO_MANY_FIELDS:
		return REFUSAL_UNKNOWN_FIELD;
	case FORM_REPEATED_FIELD:
		return REFUSAL_REPEATED_FIELD;
	case FORM_NO_MEMORY:
		return REFUSAL_INTERNAL_ERROR;
	}
	return REFUSAL_INTERNAL_ERROR;
}

enum refusal
refusal_of_twilio(enum twilio_result result)
{
	switch (result) {
	case TWILIO_OK:
		return REFUSAL_NONE;
	case TWILIO_UNREACHABLE:
		return REFUSAL_TWILIO_UNREACHABLE;
	case TWILIO_TIMED_OUT:
		return REFUSAL_TWILIO_TIMED_OUT;
	case TWILIO_ANSWER_LOST:
		return REFUSAL_ANSWER_LOST;
	case TWILIO_BAD_ANSWER:
		return REFUSAL_TWILIO_BAD_ANSWER;
	case TWILIO_FAILED:
		return REFUSAL_TWILIO_FAILED;
	case TWILIO_BUSY:
		return REFUSAL_TWILIO_BUSY;
	case TWILIO_RATE_LIMITED:
		return REFUSAL_TWILIO_LIMIT;
	case TWILIO_CREDENTIALS:
		return REFUSAL_TWILIO_CREDENTIALS;
	case TWILIO_SETUP:
	case TWILIO_TEMPLATE:
		return REFUSAL_TWILIO_SETUP;
	case TWILIO_TRIAL:
		return REFUSAL_TWILIO_TRIAL;
	case TWILIO_BAD_PARAMETER:
		return REFUSAL_NUMBER_NOT_USABLE;
	case TWILIO_LANDLINE:
		return REFUSAL_LANDLINE;
	case TWILIO_NO_TEXTS:
		return REFUSAL_NO_TEXTS;
	case TWILIO_OPTED_OUT:
		return REFUSAL_OPTED_OUT;
	case TWILIO_NUMBER_BLOCKED:
		return REFUSAL_NUMBER_BLOCKED;
	case TWILIO_RANGE_BLOCKED:
		return REFUSAL_RANGE_BLOCKED;
	case TWILIO_COUNTRY_BLOCKED:
		return REFUSAL_COUNTRY_BLOCKED;
	case TWILIO_CHANNEL_OFF:
		return REFUSAL_CHANNEL_OFF;
	case TWILIO_CALLS_OFF:
		return REFUSAL_CALLS_OFF;
	case TWILIO_NO_VOICE:
		return REFUSAL_NO_VOICE;
	case TWILIO_EMAIL_OFF:
		return REFUSAL_EMAIL_OFF;
	case TWILIO_EMAIL_REFUSED:
		return REFUSAL_EMAIL_REFUSED;
	case TWILIO_WHATSAPP_OFF:
		return REFUSAL_WHATSAPP_OFF;
	case TWILIO_TOO_MANY_CHECKS:
		return REFUSAL_TOO_MANY_CHECKS;
	case TWILIO_TOO_MANY_SENDS:
		return REFUSAL_TOO_MANY_SENDS;
	case TWILIO_SENDING_ALREADY:
		return REFUSAL_VERIFICATION_BUSY;
	case TWILIO_NOT_FOUND:
		return REFUSAL_CODE_EXPIRED;
	case TWILIO_CONFLICT:
		return REFUSAL_VERIFICATION_BUSY;
	case TWILIO_TOKEN_INVALID:
		return REFUSAL_AGENT_NOT_SIGNED_IN;
	case TWILIO_TOKEN_EXPIRED:
		return REFUSAL_AGENT_SESSION_EXPIRED;
	case TWILIO_REFUSED:
		return REFUSAL_TWILIO_REFUSED;
	case TWILIO_NO_MEMORY:
		return REFUSAL_INTERNAL_ERROR;
	}
	return REFUSAL_INTERNAL_ERROR;
}
