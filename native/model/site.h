/* A place in the source that does an atomic operation: file, line and the expression. A header compiled into
 * several files gives several structures of the same place; they share one entry of the registry. */
#ifndef VX_MODEL_SITE_H
#define VX_MODEL_SITE_H
#include <stdint.h>

/* What an operation orders: a set. */
#define MODEL_RELAXED            0u
#define MODEL_ACQUIRE            1u
#define MODEL_RELEASE            2u
#define MODEL_ACQUIRE_ON_FAILURE 4u /* of a compare-and-swap that found another value */

#define MODEL_SITES 256

typedef struct model_site {
    const char *file; /* as the compiler was given it */
    int line;
    const char *operation;
    const char *location; /* the expression's text */
    uint8_t order;
    uint8_t removed;               /* by the mutant being run; of the registry's entry only */
    uint8_t used;                  /* since model_sites_forget_use; of the registry's entry only */
    struct model_site *registered; /* the registry's entry, NULL before the first use */
} model_site;

#define MODEL_SITE(operation, location, order)                                                               \
    __extension__({                                                                                          \
        static model_site model_this_site = {__FILE__, __LINE__, operation, location, order, 0, 0, 0};       \
        &model_this_site;                                                                                    \
    })

/* Marks the site used and gives the order that is in force there. */
unsigned model_site_order(model_site *site);
void model_sites_forget_use(void);
int model_site_count(void);
model_site *model_site_at(int index);                /* in order of first use */
const char *model_site_file(const model_site *site); /* without its folders */
/* "acquire", "release", "acquire + release", …, "relaxed" */
const char *model_order_name(unsigned order);

#endif
