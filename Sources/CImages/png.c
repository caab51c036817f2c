#include "images_shim.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count, offset;
  char *message;
} source;

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->count - from->offset) png_error(png, "it ends early");
  memcpy(target, from->bytes + from->offset, count);
  from->offset += count;
}

static void fail(png_structp png, png_const_charp text) {
  source *from = png_get_error_ptr(png);
  snprintf(from->message, images_message_size, "%s", text);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

// Chunks that could change samples or take memory, and that nothing here reads.
static const png_byte unread_chunks[] =
  "bKGD\0cHRM\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt\0eXIf";

int images_png_decode(
  const uint8_t *bytes, size_t count, uint8_t *pixels, size_t height, size_t width, size_t channels,
  int32_t *is_transparent, char *message) {
  source from = {bytes, count, 0, message};
  *is_transparent = 0;
  snprintf(message, images_message_size, "no memory");
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore_warning);
  if (!png) return 1;
  png_infop info = png_create_info_struct(png);
  // Allocated within the jump's reach, released behind it.
  png_bytep volatile rows = NULL;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return 1;
  }
  png_set_read_fn(png, &from, read_bytes);
  // The caller has checked the extents.
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_chunk_cache_max(png, 64);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unread_chunks, sizeof unread_chunks / 5);
  png_read_info(png, info);
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);

  size_t stored = channels + 1, stride = png_get_rowbytes(png, info);
  if (png_get_image_height(png, info) != height || png_get_image_width(png, info) != width || stride != width * stored)
    png_error(png, "its header is ambiguous");
  // All passes of an interlaced image change the same rows.
  rows = malloc(passes > 1 ? stride * height : stride);
  if (!rows) png_error(png, "no memory");
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < height; y++) {
      png_bytep row = rows + (passes > 1 ? y * stride : 0);
      png_read_row(png, row, NULL);
      if (pass < passes - 1) continue;
      for (size_t x = 0; x < width; x++) {
        for (size_t channel = 0; channel < channels; channel++)
          pixels[(y * width + x) * channels + channel] = row[x * stored + channel];
        if (row[x * stored + channels] != 0xFF) *is_transparent = 1;
      }
    }
  }
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  return 0;
}

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  char *message;
} sink;

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  sink *to = png_get_io_ptr(png);
  if (to->count + count > to->capacity) {
    size_t capacity = 2 * (to->count + count);
    uint8_t *grown = realloc(to->bytes, capacity);
    if (!grown) png_error(png, "no memory");
    to->bytes = grown;
    to->capacity = capacity;
  }
  memcpy(to->bytes + to->count, bytes, count);
  to->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void fail_writing(png_structp png, png_const_charp text) {
  sink *to = png_get_error_ptr(png);
  snprintf(to->message, images_message_size, "%s", text);
  png_longjmp(png, 1);
}

int images_png_encode(
  const uint8_t *pixels, size_t height, size_t width, size_t channels, uint8_t **file, size_t *count, char *message) {
  sink to = {NULL, 0, 0, message};
  snprintf(message, images_message_size, "no memory");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &to, fail_writing, ignore_warning);
  if (!png) return 1;
  png_infop info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(to.bytes);
    return 1;
  }
  png_set_write_fn(png, &to, write_bytes, flush_nothing);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_IHDR(
    png, info, (png_uint_32)width, (png_uint_32)height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (size_t y = 0; y < height; y++) png_write_row(png, pixels + y * width * channels);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  *file = to.bytes;
  *count = to.count;
  return 0;
}
