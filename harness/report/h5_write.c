#include "harness/report/h5_write.h"

#include <stdlib.h>

#include "core/memory.h"
#include "harness/report/h5.h"

/* Attributes stay in the object header (no heap per group); links keep the order of creation. */
static bool set_group_properties(hid_t properties)
{
    return H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >=
               0 &&
           H5Pset_attr_phase_change(properties, 64, 0) >= 0 &&
           H5Pset_obj_track_times(properties, false) >= 0;
}

static hid_t create_in_memory(rec_h5_image *image)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    hid_t file = H5I_INVALID_HID;
    if (access >= 0 && creation >= 0 && set_group_properties(creation) &&
        H5Pset_userblock(creation, REC_H5_USER_BLOCK) >= 0 && rec_h5_image_use(access, image) &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) >= 0)
        file = H5Fcreate("report", H5F_ACC_TRUNC, creation, access);
    if (access >= 0)
        H5Pclose(access);
    if (creation >= 0)
        H5Pclose(creation);
    return file;
}

rec_status rec_h5_writer_new(rec_h5_writer **out, rec_error *err)
{
    rec_h5_writer *w = rec_alloc(1, sizeof *w, err);
    if (w == NULL)
        return REC_ERR_RESOURCE;
    rec_h5_silence();
    w->file = create_in_memory(&w->image);
    w->group_properties = H5Pcreate(H5P_GROUP_CREATE);
    w->text_type = rec_h5_text_type();
    if (w->file >= 0 && w->group_properties >= 0 && w->text_type >= 0 &&
        set_group_properties(w->group_properties)) {
        *out = w;
        return REC_OK;
    }
    rec_status status = rec_h5_fail(err, REC_ERR_RESOURCE, "cannot start a report");
    rec_h5_writer_free(w);
    return status;
}

void rec_h5_writer_free(rec_h5_writer *w)
{
    if (w == NULL)
        return;
    if (w->text_type >= 0)
        H5Tclose(w->text_type);
    if (w->group_properties >= 0)
        H5Pclose(w->group_properties);
    if (w->file >= 0)
        H5Fclose(w->file);
    free(w->image.bytes);
    free(w);
}

rec_status rec_h5_writer_finish(char **bytes, size_t *n, rec_h5_writer *w, rec_error *err)
{
    hid_t file = w->file;
    w->file = H5I_INVALID_HID;
    if (H5Fclose(file) < 0)
        return rec_h5_fail(err, REC_ERR_RESOURCE, "cannot finish the report");
    *bytes = w->image.bytes;
    *n = rec_h5_image_length(&w->image, REC_H5_USER_BLOCK);
    if (*n == 0)
        return rec_fail(err, REC_ERR_INTERNAL, "the report has no HDF5 superblock");
    return REC_OK;
}

rec_status rec_h5_put_group(hid_t *out, const rec_h5_writer *w, hid_t parent, const char *name,
                            rec_error *err)
{
    char *link = rec_h5_link_name(name, err);
    if (link == NULL)
        return REC_ERR_RESOURCE;
    *out = H5Gcreate2(parent, link, H5P_DEFAULT, w->group_properties, H5P_DEFAULT);
    free(link);
    return *out >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_INTERNAL, "report group \"%s\"", name);
}

/* --- attributes -------------------------------------------------------------------------------- */

static rec_status put_attribute(hid_t group, const char *name, hid_t type, hid_t space,
                                const void *value, rec_error *err)
{
    hid_t attribute =
        space < 0 ? space : H5Acreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, type, value) >= 0;
    if (attribute >= 0)
        ok = H5Aclose(attribute) >= 0 && ok;
    if (space >= 0)
        H5Sclose(space);
    return ok ? REC_OK : rec_h5_fail(err, REC_ERR_INTERNAL, "report attribute \"%s\"", name);
}

rec_status rec_h5_put_text(const rec_h5_writer *w, hid_t group, const char *name, const char *text,
                           rec_error *err)
{
    if (text == NULL)
        return REC_OK;
    return put_attribute(group, name, w->text_type, H5Screate(H5S_SCALAR), &text, err);
}

rec_status rec_h5_put_u64(hid_t group, const char *name, uint64_t value, rec_error *err)
{
    return put_attribute(group, name, H5T_NATIVE_UINT64, H5Screate(H5S_SCALAR), &value, err);
}

rec_status rec_h5_put_i64(hid_t group, const char *name, int64_t value, rec_error *err)
{
    return put_attribute(group, name, H5T_NATIVE_INT64, H5Screate(H5S_SCALAR), &value, err);
}

rec_status rec_h5_put_real(hid_t group, const char *name, double value, rec_error *err)
{
    return put_attribute(group, name, H5T_NATIVE_DOUBLE, H5Screate(H5S_SCALAR), &value, err);
}

rec_status rec_h5_put_u64s(hid_t group, const char *name, const uint64_t *values, size_t n,
                           rec_error *err)
{
    const uint64_t none = 0;
    hsize_t size = n;
    return put_attribute(group, name, H5T_NATIVE_UINT64, H5Screate_simple(1, &size, NULL),
                         n > 0 ? values : &none, err);
}

/* --- datasets ---------------------------------------------------------------------------------- */

/* Chunks of about REC_H5_BLOCK elements; an empty array has none. */
static bool set_chunks(hid_t properties, const hsize_t size[2], int rank)
{
    if (size[0] == 0 || size[1] == 0)
        return true;
    hsize_t rows = REC_H5_BLOCK / size[1];
    hsize_t chunk[2] = {rows < 1 ? 1 : rows > size[0] ? size[0] : rows, size[1]};
    return H5Pset_chunk(properties, rank, chunk) >= 0;
}

rec_status rec_h5_put_array(hid_t group, const char *name, hid_t type, const void *values,
                            size_t rows, size_t columns, rec_error *err)
{
    if (values == NULL)
        return REC_OK;
    int rank = columns > 0 ? 2 : 1;
    const hsize_t size[2] = {rows, columns > 0 ? columns : 1};
    hid_t set = H5I_INVALID_HID;
    hid_t space = H5Screate_simple(rank, size, NULL), properties = H5Pcreate(H5P_DATASET_CREATE);
    char *link = rec_h5_link_name(name, err);
    if (link != NULL && space >= 0 && properties >= 0 && set_chunks(properties, size, rank) &&
        H5Pset_obj_track_times(properties, false) >= 0)
        set = H5Dcreate2(group, link, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    bool ok =
        set >= 0 && (rows == 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    if (set >= 0)
        ok = H5Dclose(set) >= 0 && ok;
    if (properties >= 0)
        H5Pclose(properties);
    if (space >= 0)
        H5Sclose(space);
    rec_status status = ok ? REC_OK
                        : link == NULL
                            ? REC_ERR_RESOURCE
                            : rec_h5_fail(err, REC_ERR_RESOURCE, "report array \"%s\"", name);
    free(link);
    return status;
}

rec_status rec_h5_open_array(hid_t *out, hid_t group, const char *name, rec_error *err)
{
    char *link = rec_h5_link_name(name, err);
    if (link == NULL)
        return REC_ERR_RESOURCE;
    *out = H5Dopen2(group, link, H5P_DEFAULT);
    free(link);
    return *out >= 0 ? REC_OK : rec_h5_fail(err, REC_ERR_INTERNAL, "report array \"%s\"", name);
}

rec_status rec_h5_put_texts(const rec_h5_writer *w, hid_t group, const char *name,
                            char *const *texts, size_t n, rec_error *err)
{
    return rec_h5_put_array(group, name, w->text_type, texts, n, 0, err);
}
