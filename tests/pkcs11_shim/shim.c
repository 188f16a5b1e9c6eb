/* A PKCS#11 module around another one, with faults a real token may have.
 *
 * SHIM_MODULE  path of the module behind it
 * SHIM_FAULTS  folder; a file of a fault's name switches the fault on, at any time:
 *
 *   removed             no token is present, every session is dead
 *   removed_after_init  the token goes away between C_SignInit and C_Sign
 *   sign_error          C_Sign returns the CKR in the file (hexadecimal)
 *   hang                C_Sign never returns
 *   hang_list           C_GetSlotList never returns
 *   crash               C_Sign aborts the process
 *   bad_signature       C_Sign returns a signature with one bit turned
 *   bad_length          C_Sign tells CK_UNAVAILABLE_INFORMATION as the length
 *   no_id               every object's CKA_ID is empty
 *   always_authenticate every key wants the PIN again for each signature
 *   mechanisms          the only mechanisms it has, hexadecimal
 *   refused             mechanisms it lists and does not sign with, hexadecimal
 *   chatty              prints to standard output in every call
 *   pin_max             so many wrong user PINs (decimal) lock the token; COUNT_LOW, FINAL_TRY and LOCKED tell it
 *   pin_min             shorter PINs (decimal) are CKR_PIN_LEN_RANGE
 *   pin_silent          ... but the flags do not tell it
 *   pad_pin             the reader has a pin pad, on which the PIN in the file is typed
 *   odd_label           the label is not UTF-8
 *   no_label            the label is empty
 *   no_modulus          private keys show no CKA_MODULUS
 *   write_protected     CKF_WRITE_PROTECTED; no session may write
 *   hang_init           C_Initialize never returns
 *   init_error          C_Initialize returns the CKR in the file (hexadecimal)
 *
 * The shim writes `calls`, one line for every C_Login, C_SignInit and C_Sign, and `pin_wrong`, the count of wrong PINs.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST list;
static char user_pin[256];
static CK_ULONG user_pin_len;
static int asked_again; /* the running signature has had its own login */

static void path_of(char *path, size_t size, const char *name)
{
    const char *folder = getenv("SHIM_FAULTS");
    snprintf(path, size, "%s/%s", folder ? folder : "/nonexistent", name);
}

static int fault(const char *name)
{
    char path[4096];
    path_of(path, sizeof path, name);
    return access(path, F_OK) == 0;
}

static int read_text(const char *name, char *text, int size)
{
    char path[4096];
    path_of(path, sizeof path, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    char *got = fgets(text, size, file);
    fclose(file);
    if (!got)
        return 0;
    text[strcspn(text, "\n")] = 0;
    return 1;
}

static long number(const char *name, int base)
{
    char text[64];
    return read_text(name, text, sizeof text) ? strtol(text, NULL, base) : 0;
}

static void write_number(const char *name, long value)
{
    char path[4096];
    path_of(path, sizeof path, name);
    FILE *file = fopen(path, "w");
    if (file) {
        fprintf(file, "%ld\n", value);
        fclose(file);
    }
}

static void called(const char *name)
{
    char path[4096];
    path_of(path, sizeof path, "calls");
    FILE *file = fopen(path, "a");
    if (file) {
        fprintf(file, "%s\n", name);
        fclose(file);
    }
    if (fault("chatty")) {
        printf("%s: vendor says hello\n", name);
        fflush(stdout);
    }
}

static void hang(void)
{
    for (;;)
        pause();
}

static CK_RV initialize(void *arguments)
{
    if (fault("hang_init"))
        hang();
    if (fault("init_error"))
        return (CK_RV)number("init_error", 16);
    return real->C_Initialize(arguments);
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
    if (fault("chatty")) {
        printf("C_GetSlotList\n");
        fflush(stdout);
    }
    if (fault("hang_list"))
        hang();
    if (present && fault("removed")) {
        *count = 0;
        return CKR_OK;
    }
    return real->C_GetSlotList(present, slots, count);
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    CK_RV rv = real->C_GetSlotInfo(slot, info);
    if (rv == CKR_OK && fault("removed"))
        info->flags &= ~CKF_TOKEN_PRESENT;
    return rv;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    if (fault("removed"))
        return CKR_TOKEN_NOT_PRESENT;
    CK_RV rv = real->C_GetTokenInfo(slot, info);
    if (rv != CKR_OK)
        return rv;
    if (fault("pad_pin"))
        info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
    if (fault("write_protected"))
        info->flags |= CKF_WRITE_PROTECTED;
    if (fault("no_label"))
        memset(info->label, ' ', sizeof info->label);
    if (fault("odd_label"))
        memcpy(info->label, "K\xfd s\xe8                            ", sizeof info->label);
    if (fault("pin_max") || fault("pin_silent"))
        info->flags &= ~(CK_FLAGS)(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
    if (fault("pin_max") && !fault("pin_silent")) {
        long wrong = number("pin_wrong", 10), most = number("pin_max", 10);
        if (wrong > 0)
            info->flags |= CKF_USER_PIN_COUNT_LOW;
        if (wrong == most - 1)
            info->flags |= CKF_USER_PIN_FINAL_TRY;
        if (wrong >= most)
            info->flags |= CKF_USER_PIN_LOCKED;
    }
    return rv;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *types, CK_ULONG *count)
{
    char text[256], *rest = text;
    CK_ULONG found = 0;
    if (!read_text("mechanisms", text, sizeof text))
        return real->C_GetMechanismList(slot, types, count);
    for (char *one; (one = strtok_r(rest, " ", &rest)); found++)
        if (types)
            types[found] = strtoul(one, NULL, 16);
    *count = found;
    return CKR_OK;
}

static int stands_in(const char *name, CK_MECHANISM_TYPE type)
{
    char text[256], *rest = text;
    if (!read_text(name, text, sizeof text))
        return 0;
    for (char *one; (one = strtok_r(rest, " ", &rest));)
        if (strtoul(one, NULL, 16) == type)
            return 1;
    return 0;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session)
{
    if (fault("removed"))
        return CKR_TOKEN_NOT_PRESENT;
    if (fault("write_protected") && (flags & CKF_RW_SESSION))
        return CKR_TOKEN_WRITE_PROTECTED;
    return real->C_OpenSession(slot, flags, application, notify, session);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
    char typed[256];
    called(user == CKU_CONTEXT_SPECIFIC ? "C_Login again" : "C_Login");
    if (fault("removed"))
        return CKR_DEVICE_REMOVED;
    if ((!pin || !pin_len) && read_text("pad_pin", typed, sizeof typed)) {
        pin = (CK_UTF8CHAR *)typed;
        pin_len = strlen(typed);
    }
    if (!pin)
        return CKR_ARGUMENTS_BAD;
    if (user == CKU_CONTEXT_SPECIFIC) {
        if (pin_len != user_pin_len || memcmp(pin, user_pin, pin_len) != 0)
            return CKR_PIN_INCORRECT;
        asked_again = 1;
        return CKR_OK;
    }
    if (user == CKU_SO)
        return real->C_Login(session, user, pin, pin_len);
    long most = number("pin_max", 10);
    if (most && number("pin_wrong", 10) >= most)
        return CKR_PIN_LOCKED;
    if (pin_len < (CK_ULONG)number("pin_min", 10))
        return CKR_PIN_LEN_RANGE;
    CK_RV rv = real->C_Login(session, user, pin, pin_len);
    if (rv == CKR_PIN_INCORRECT)
        write_number("pin_wrong", number("pin_wrong", 10) + 1);
    if (rv == CKR_OK) {
        write_number("pin_wrong", 0);
        user_pin_len = pin_len < sizeof user_pin ? pin_len : sizeof user_pin;
        memcpy(user_pin, pin, user_pin_len);
    }
    return rv;
}

static CK_RV find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    if (fault("removed"))
        return CKR_DEVICE_REMOVED;
    return real->C_FindObjectsInit(session, attributes, count);
}

static CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes,
                                 CK_ULONG count)
{
    if (fault("removed"))
        return CKR_DEVICE_REMOVED;
    CK_RV rv = real->C_GetAttributeValue(session, object, attributes, count);
    for (CK_ULONG i = 0; i < count; i++) {
        if (attributes[i].type == CKA_ID && fault("no_id")) {
            attributes[i].ulValueLen = 0;
        }
        if (attributes[i].type == CKA_MODULUS && fault("no_modulus")) {
            attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            rv = CKR_ATTRIBUTE_TYPE_INVALID;
        }
        if (attributes[i].type == CKA_ALWAYS_AUTHENTICATE && fault("always_authenticate")) {
            attributes[i].ulValueLen = sizeof(CK_BBOOL);
            if (attributes[i].pValue)
                *(CK_BBOOL *)attributes[i].pValue = CK_TRUE;
        }
    }
    return rv;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    called("C_SignInit");
    if (fault("removed"))
        return CKR_DEVICE_REMOVED;
    if ((fault("mechanisms") && !stands_in("mechanisms", mechanism->mechanism)) ||
        stands_in("refused", mechanism->mechanism))
        return CKR_MECHANISM_INVALID;
    asked_again = 0;
    CK_RV rv = real->C_SignInit(session, mechanism, key);
    if (rv == CKR_OK && fault("removed_after_init"))
        write_number("removed", 1);
    return rv;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature, CK_ULONG *length)
{
    if (fault("removed"))
        return CKR_DEVICE_REMOVED;
    if (fault("always_authenticate") && !asked_again)
        return CKR_USER_NOT_LOGGED_IN;
    if (fault("sign_error"))
        return (CK_RV)number("sign_error", 16);
    if (!signature && fault("bad_length")) {
        *length = CK_UNAVAILABLE_INFORMATION;
        return CKR_OK;
    }
    if (signature) {
        called("C_Sign");
        if (fault("hang"))
            hang();
        if (fault("crash"))
            abort();
    }
    CK_RV rv = real->C_Sign(session, data, data_len, signature, length);
    if (rv == CKR_OK && signature && fault("bad_signature"))
        signature[*length / 2] ^= 1;
    return rv;
}

static CK_RV get_function_list(CK_FUNCTION_LIST **out)
{
    return C_GetFunctionList(out);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
    if (!real) {
        const char *path = getenv("SHIM_MODULE");
        void *module = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
        CK_RV (*get)(CK_FUNCTION_LIST **) = module ? (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(module, "C_GetFunctionList") : NULL;
        if (!get || get(&real) != CKR_OK)
            return CKR_GENERAL_ERROR;
        list = *real;
        list.C_GetFunctionList = get_function_list;
        list.C_Initialize = initialize;
        list.C_GetSlotList = get_slot_list;
        list.C_GetSlotInfo = get_slot_info;
        list.C_GetTokenInfo = get_token_info;
        list.C_GetMechanismList = get_mechanism_list;
        list.C_OpenSession = open_session;
        list.C_Login = login;
        list.C_FindObjectsInit = find_objects_init;
        list.C_GetAttributeValue = get_attribute_value;
        list.C_SignInit = sign_init;
        list.C_Sign = sign;
    }
    *out = &list;
    return CKR_OK;
}
