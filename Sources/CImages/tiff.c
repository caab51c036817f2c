#include "images_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct images_tiff {
  const uint8_t *bytes;
  size_t count;
  size_t offset;
  TIFF *file;
  images_tiff_header header;
  int is_decoding, is_damaged;
  char message[images_message_size];
};

// The file in memory, as libtiff reads files.

static tmsize_t read_bytes(thandle_t handle, void *target, tmsize_t count) {
  images_tiff *tiff = handle;
  size_t left = tiff->offset < tiff->count ? tiff->count - tiff->offset : 0;
  size_t read = count < 0 ? 0 : (size_t)count < left ? (size_t)count : left;
  memcpy(target, tiff->bytes + (left ? tiff->offset : 0), read);
  tiff->offset += read;
  return (tmsize_t)read;
}

static tmsize_t write_bytes(thandle_t handle, void *source, tmsize_t count) {
  (void)handle, (void)source, (void)count;
  return -1;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  images_tiff *tiff = handle;
  if (whence == SEEK_CUR) offset += tiff->offset;
  if (whence == SEEK_END) offset += tiff->count;
  tiff->offset = offset;
  return offset;
}

static int close_file(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t file_size(thandle_t handle) { return ((images_tiff *)handle)->count; }

// Keeps the first error.
static int keep_error(TIFF *file, void *data, const char *module, const char *format, va_list arguments) {
  images_tiff *tiff = data;
  (void)file, (void)module;
  if (!tiff->message[0]) vsnprintf(tiff->message, sizeof tiff->message, format, arguments);
  return 1;
}

// Whether libtiff goes on with something made up: fields that could not be read or contradict one another, a palette taken
// for gray, or pixels that a JPEG or fax decoder filled in. Unknown fields are harmless.
static int is_damage(const images_tiff *tiff, const char *module, const char *text) {
  if (tiff->is_decoding) return module && (!strncmp(module, "JPEG", 4) || !strncmp(module, "Fax", 3));
  static const char *const reasons[] = {
    "IO error", "Incorrect count", "ignoring and calculating", "olorMap", "olormap"};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (strstr(text, reasons[i])) return 1;
  return 0;
}

static int keep_warning(TIFF *file, void *data, const char *module, const char *format, va_list arguments) {
  images_tiff *tiff = data;
  char text[images_message_size];
  (void)file;
  vsnprintf(text, sizeof text, format, arguments);
  if (is_damage(tiff, module, text)) {
    tiff->is_damaged = 1;
    if (!tiff->message[0]) memcpy(tiff->message, text, sizeof text);
  }
  return 1;
}

static void tell(images_tiff *tiff, char *message, const char *reason) {
  // Some messages begin with the file's name.
  const char *prefix = "memory: ", *text = tiff->message[0] ? tiff->message : reason;
  snprintf(message, images_message_size, "%s", text + (strncmp(text, prefix, strlen(prefix)) ? 0 : strlen(prefix)));
}

images_tiff *images_tiff_open(
  const uint8_t *bytes, size_t count, size_t memory_limit, images_tiff_header *header, char *message) {
  snprintf(message, images_message_size, "no memory");
  images_tiff *tiff = calloc(1, sizeof *tiff);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!tiff || !options) {
    free(tiff);
    TIFFOpenOptionsFree(options);
    return NULL;
  }
  tiff->bytes = bytes;
  tiff->count = count;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)memory_limit);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_error, tiff);
  TIFFOpenOptionsSetWarningHandlerExtR(options, keep_warning, tiff);
  tiff->file = TIFFClientOpenExt(
    "memory", "rm", tiff, read_bytes, write_bytes, seek, close_file, file_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (!tiff->file) {
    tell(tiff, message, "its directory is damaged");
    free(tiff);
    return NULL;
  }

  images_tiff_header *h = &tiff->header;
  h->pages = TIFFNumberOfDirectories(tiff->file);
  if (!TIFFSetDirectory(tiff->file, 0) || tiff->message[0] || tiff->is_damaged || !TIFFGetField(tiff->file, TIFFTAG_IMAGEWIDTH, &h->width)
      || !TIFFGetField(tiff->file, TIFFTAG_IMAGELENGTH, &h->height)) {
    tell(tiff, message, "its extents are missing");
    images_tiff_close(tiff);
    return NULL;
  }
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_BITSPERSAMPLE, &h->bits);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_SAMPLESPERPIXEL, &h->samples);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_PLANARCONFIG, &h->planar);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_SAMPLEFORMAT, &h->format);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_COMPRESSION, &h->compression);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_ORIENTATION, &h->orientation);
  TIFFGetFieldDefaulted(tiff->file, TIFFTAG_INKSET, &h->ink_set);
  if (!TIFFGetField(tiff->file, TIFFTAG_PHOTOMETRIC, &h->photometric)) h->photometric = UINT16_MAX;
  uint16_t *kinds = NULL;
  if (TIFFGetField(tiff->file, TIFFTAG_EXTRASAMPLES, &h->extra_count, &kinds) && h->extra_count > 0)
    h->extra_kind = kinds[0];
  uint16_t *colors[3];
  if (h->photometric == PHOTOMETRIC_PALETTE && h->bits <= 8
      && TIFFGetField(tiff->file, TIFFTAG_COLORMAP, &colors[0], &colors[1], &colors[2]))
    for (int i = 0; i < 1 << h->bits; i++)
      for (int c = 0; c < 3; c++) h->palette[3 * i + c] = (uint8_t)(colors[c][i] >> 8);
  // libtiff turns the luma and chroma of JPEG into colors.
  if (h->compression == COMPRESSION_JPEG && h->photometric == PHOTOMETRIC_YCBCR && h->planar == PLANARCONFIG_CONTIG) {
    TIFFSetField(tiff->file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    h->photometric = PHOTOMETRIC_RGB;
  }
  *header = *h;
  return tiff;
}

void images_tiff_close(images_tiff *tiff) {
  TIFFClose(tiff->file);
  free(tiff);
}

// One row of a strip or tile: `samples` of each pixel, to every step-th byte of the target.
static void unpack(const uint8_t *row, size_t width, size_t samples, uint16_t bits, uint8_t *target, size_t step) {
  for (size_t x = 0; x < width; x++, target += step)
    for (size_t k = 0; k < samples; k++) {
      size_t place = x * samples + k;
      if (bits == 8) {
        target[k] = row[place];
      } else if (bits == 16) {
        uint16_t value;
        memcpy(&value, row + 2 * place, 2);
        target[k] = (uint8_t)(value >> 8);
      } else {
        size_t bit = place * bits;
        target[k] = (row[bit / 8] >> (8 - bits - bit % 8)) & ((1 << bits) - 1);
      }
    }
}

int images_tiff_read(images_tiff *tiff, uint8_t *samples, size_t strip_limit, char *message) {
  const images_tiff_header h = tiff->header;
  TIFF *file = tiff->file;
  int is_tiled = TIFFIsTiled(file);
  size_t planes = h.planar == PLANARCONFIG_SEPARATE ? h.samples : 1;
  size_t per_pixel = h.samples / planes;
  uint32_t part_width = h.width, part_height = h.height;
  if (is_tiled) {
    TIFFGetField(file, TIFFTAG_TILEWIDTH, &part_width);
    TIFFGetField(file, TIFFTAG_TILELENGTH, &part_height);
  } else {
    TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &part_height);
    if (part_height > h.height) part_height = h.height;
  }
  if (!part_width || !part_height) {
    tell(tiff, message, "its strips or tiles are empty");
    return 1;
  }
  size_t row_bytes = ((uint64_t)part_width * per_pixel * h.bits + 7) / 8;
  if (row_bytes > strip_limit / part_height) {
    snprintf(message, images_message_size, "its strips or tiles are larger than %zu bytes", strip_limit);
    return 1;
  }
  tmsize_t size = is_tiled ? TIFFTileSize(file) : TIFFStripSize(file);
  if (size != (tmsize_t)(row_bytes * part_height)) {
    tell(tiff, message, "its strips or tiles have an unexpected layout");
    return 1;
  }
  uint8_t *part = malloc((size_t)size);
  if (!part) {
    tell(tiff, message, "no memory");
    return 1;
  }
  tiff->is_decoding = 1;
  uint32_t index = 0;
  int is_good = 1;
  for (size_t plane = 0; plane < planes && is_good; plane++)
    for (uint32_t top = 0; top < h.height && is_good; top += part_height) {
      uint32_t rows = h.height - top < part_height ? h.height - top : part_height;
      for (uint32_t left = 0; left < h.width && is_good; left += part_width, index++) {
        uint32_t columns = h.width - left < part_width ? h.width - left : part_width;
        tmsize_t wanted = is_tiled ? size : (tmsize_t)(row_bytes * rows);
        tmsize_t read = is_tiled ? TIFFReadEncodedTile(file, index, part, wanted)
                                 : TIFFReadEncodedStrip(file, index, part, wanted);
        is_good = read == wanted && !tiff->is_damaged;
        for (uint32_t y = 0; y < rows && is_good; y++)
          unpack(
            part + y * row_bytes, columns, per_pixel, h.bits,
            samples + ((size_t)(top + y) * h.width + left) * h.samples + plane, h.samples);
        if (part_width > UINT32_MAX - left) break;
      }
      if (part_height > UINT32_MAX - top) break;
    }
  free(part);
  if (!is_good) tell(tiff, message, "a strip or tile is damaged or ends early");
  return !is_good;
}

int images_tiff_read_rgba(images_tiff *tiff, uint32_t *pixels, char *message) {
  tiff->is_decoding = 1;
  // Its own orientation is asked for: rows and columns stay as stored.
  int is_read = TIFFReadRGBAImageOriented(
    tiff->file, tiff->header.width, tiff->header.height, pixels, tiff->header.orientation, 1);
  if (is_read && !tiff->is_damaged) return 0;
  tell(tiff, message, "its pixels are damaged or end early");
  return 1;
}
