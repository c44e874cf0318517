#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one registry: sites are static in the code they stand for, so this has to be as well. */
static model_site *sites[MODEL_SITES];
static int site_count;

const char *model_site_file(const model_site *site)
{
    const char *slash = strrchr(site->file, '/');
    return slash != NULL ? slash + 1 : site->file;
}

static int is_same_place(const model_site *a, const model_site *b)
{
    return a->line == b->line && strcmp(a->location, b->location) == 0 &&
           strcmp(a->operation, b->operation) == 0 && strcmp(model_site_file(a), model_site_file(b)) == 0;
}

static model_site *registered(model_site *site)
{
    for (int i = 0; i < site_count; i++)
        if (is_same_place(sites[i], site))
            return sites[i];
    if (site_count == MODEL_SITES) {
        fprintf(stderr, "more than %d sites\n", MODEL_SITES);
        exit(2);
    }
    return sites[site_count++] = site;
}

unsigned model_site_order(model_site *site)
{
    if (site->registered == NULL)
        site->registered = registered(site);
    site->registered->used = 1;
    return site->order & ~(unsigned)site->registered->removed;
}

void model_sites_forget_use(void)
{
    for (int i = 0; i < site_count; i++)
        sites[i]->used = 0;
}

int model_site_count(void)
{
    return site_count;
}

model_site *model_site_at(int index)
{
    return sites[index];
}

const char *model_order_name(unsigned order)
{
    static const char *const names[] = {"relaxed",
                                        "acquire",
                                        "release",
                                        "acquire + release",
                                        "acquire on failure",
                                        "acquire + acquire on failure",
                                        "release + acquire on failure",
                                        "acquire + release + acquire on failure"};
    return names[order & 7u];
}
