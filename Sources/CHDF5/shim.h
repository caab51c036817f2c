// libhdf5 for Swift: its macros and mutable globals are reached through static inline functions.
#pragma once
#include <hdf5.h>

// Types of the machine, for memory and, all being little-endian here, for files.
static inline hid_t h5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t h5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t h5_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t h5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t h5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t h5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t h5_c_string(void) { return H5T_C_S1; }
static inline size_t h5_variable_length(void) { return H5T_VARIABLE; }

// Classes of property lists.
static inline hid_t h5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t h5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t h5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t h5_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t h5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t h5_default(void) { return H5P_DEFAULT; }

// Flags and bounds.
static inline unsigned h5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned h5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned h5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t h5_all_files(void) { return H5F_OBJ_ALL; }
static inline unsigned h5_all_objects(void) { return H5F_OBJ_ALL; }
static inline hsize_t h5_unlimited(void) { return H5S_UNLIMITED; }
static inline hid_t h5_everything(void) { return H5S_ALL; }
static inline haddr_t h5_no_address(void) { return HADDR_UNDEF; }

/// Type of a link (`H5L_type_t`), or -1 where there is none.
static inline int h5_link_type(hid_t location, const char *name) {
  H5L_info_t information;
  if (H5Lget_info(location, name, &information, H5P_DEFAULT) < 0) return -1;
  return (int)information.type;
}

/// Type of an object (`H5O_type_t`) and where it lies, or -1 where there is none; nothing is opened.
static inline int h5_object_type(hid_t location, const char *name, uint64_t *address) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t information;
  if (H5Oget_info_by_name3(location, name, &information, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  *address = 0;
  for (int i = 0; i < 8; i++) *address |= (uint64_t)information.token.__data[i] << (8 * i);
#else
  H5O_info_t information;
  if (H5Oget_info_by_name2(location, name, &information, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  *address = information.addr;
#endif
  return (int)information.type;
}

/// The type of references to objects, of 8 bytes each.
static inline hid_t h5_object_reference(void) { return H5T_STD_REF_OBJ; }

/// Type of the object that a reference leads to (`H5O_type_t`), or -1 where it leads to none.
static inline int h5_reference_type(hid_t location, const uint64_t *reference) {
  hobj_ref_t address = *reference;
  H5O_type_t type = H5O_TYPE_UNKNOWN;
  if (H5Rget_obj_type2(location, H5R_OBJECT, &address, &type) < 0) return -1;
  return (int)type;
}

/// Opens the object that a reference leads to.
static inline hid_t h5_dereference(hid_t location, const uint64_t *reference) {
  hobj_ref_t address = *reference;
  return H5Rdereference2(location, H5P_DEFAULT, H5R_OBJECT, &address);
}

/// Receives the name of a link; the return value is for `H5Literate`.
typedef herr_t (*h5_link_visitor)(const char *name, void *context);
typedef struct {
  h5_link_visitor visitor;
  void *context;
} h5_link_visit;

static inline herr_t h5_visit_link(hid_t group, const char *name, const H5L_info_t *information, void *visit) {
  (void)group, (void)information;
  return ((h5_link_visit *)visit)->visitor(name, ((h5_link_visit *)visit)->context);
}

/// Calls the visitor for every link of a group, by name in increasing order.
static inline herr_t h5_each_link(hid_t group, h5_link_visitor visitor, void *context) {
  h5_link_visit visit = {visitor, context};
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, h5_visit_link, &visit);
}
