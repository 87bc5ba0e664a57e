/* A PJRT plugin that has devices and keeps buffers, takes any program, and
 * computes nothing: what of XLA can be tested without XLA. The tests compile it
 * with -DDEVICES, -DMAJOR and -DMINOR. It appends each program that it is to
 * compile to the file that $PLUGIN_PROGRAMS names, and fails each execution. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pjrt_c_api.h"

#ifndef DEVICES
#define DEVICES 1
#endif
#ifndef MAJOR
#define MAJOR PJRT_API_MAJOR
#endif
#ifndef MINOR
#define MINOR PJRT_API_MINOR
#endif

struct PJRT_Error { const char *message; };
struct PJRT_Event { int unused; };
struct PJRT_Client { int unused; };
struct PJRT_DeviceDescription { char text[32]; };
struct PJRT_Device { int id; struct PJRT_DeviceDescription description; };
struct PJRT_Executable { int unused; };
struct PJRT_LoadedExecutable { int unused; };
struct PJRT_Buffer {
	PJRT_Device *device;
	PJRT_Buffer_Type type;
	size_t rank, bytes;
	int64_t dims[8];
	void *data;
};

static PJRT_Error executes_nothing = {"the test's plugin computes nothing"};
static PJRT_Error not_there = {"the test's plugin has no such function"};
static PJRT_Error no_room = {"the test's plugin has no room for such a buffer"};
static PJRT_Event done;
static PJRT_Client client;
static PJRT_Executable executable;
static PJRT_LoadedExecutable loaded;
static PJRT_Device devices[DEVICES > 0 ? DEVICES : 1];
static PJRT_Device *device_list[DEVICES > 0 ? DEVICES : 1];

static PJRT_Error *missing(void *a) { (void)a; return &not_there; }

static void error_destroy(PJRT_Error_Destroy_Args *a) { (void)a; }
static void error_message(PJRT_Error_Message_Args *a) {
	a->message = a->error->message;
	a->message_size = strlen(a->message);
}
static PJRT_Error *error_code(PJRT_Error_GetCode_Args *a) {
	a->code = PJRT_Error_Code_INTERNAL;
	return NULL;
}

static PJRT_Error *initialize(PJRT_Plugin_Initialize_Args *a) { (void)a; return NULL; }
static PJRT_Error *attributes(PJRT_Plugin_Attributes_Args *a) {
	a->attributes = NULL;
	a->num_attributes = 0;
	return NULL;
}
static PJRT_Error *event_destroy(PJRT_Event_Destroy_Args *a) { (void)a; return NULL; }
static PJRT_Error *event_await(PJRT_Event_Await_Args *a) { (void)a; return NULL; }

static PJRT_Error *client_create(PJRT_Client_Create_Args *a) {
	for (int i = 0; i < DEVICES; i++) {
		devices[i].id = i;
		snprintf(devices[i].description.text, sizeof devices[i].description.text, "TestDevice(id=%d)", i);
		device_list[i] = &devices[i];
	}
	a->client = &client;
	return NULL;
}
static PJRT_Error *client_destroy(PJRT_Client_Destroy_Args *a) { (void)a; return NULL; }
static PJRT_Error *platform_name(PJRT_Client_PlatformName_Args *a) {
	a->platform_name = "test";
	a->platform_name_size = 4;
	return NULL;
}
static PJRT_Error *platform_version(PJRT_Client_PlatformVersion_Args *a) {
	a->platform_version = "1";
	a->platform_version_size = 1;
	return NULL;
}
static PJRT_Error *process_index(PJRT_Client_ProcessIndex_Args *a) { a->process_index = 0; return NULL; }
static PJRT_Error *addressable(PJRT_Client_AddressableDevices_Args *a) {
	a->addressable_devices = device_list;
	a->num_addressable_devices = DEVICES;
	return NULL;
}

static PJRT_Error *assignment(PJRT_Client_DefaultDeviceAssignment_Args *a) {
	for (size_t i = 0; i < a->default_assignment_size; i++) a->default_assignment[i] = (int)i;
	return NULL;
}

static PJRT_Error *device_description(PJRT_Device_GetDescription_Args *a) {
	a->device_description = &a->device->description;
	return NULL;
}
static PJRT_Error *device_addressable(PJRT_Device_IsAddressable_Args *a) { a->is_addressable = true; return NULL; }
static PJRT_Error *device_id(PJRT_Device_LocalHardwareId_Args *a) {
	a->local_hardware_id = a->device->id;
	return NULL;
}
static PJRT_Error *description_process(PJRT_DeviceDescription_ProcessIndex_Args *a) { a->process_index = 0; return NULL; }
static PJRT_Error *description_text(PJRT_DeviceDescription_DebugString_Args *a) {
	a->debug_string = a->device_description->text;
	a->debug_string_size = strlen(a->debug_string);
	return NULL;
}

/* The types that the network's values have; others are of no size. */
static size_t size_of(PJRT_Buffer_Type type) {
	switch (type) {
	case PJRT_Buffer_Type_S32: case PJRT_Buffer_Type_F32: return 4;
	case PJRT_Buffer_Type_BF16: return 2;
	default: return 0;
	}
}
static PJRT_Error *from_host(PJRT_Client_BufferFromHostBuffer_Args *a) {
	PJRT_Buffer *b = calloc(1, sizeof *b);
	if (b == NULL || a->num_dims > 8) return &no_room;
	b->device = a->device;
	b->type = a->type;
	b->rank = a->num_dims;
	b->bytes = size_of(a->type);
	for (size_t i = 0; i < b->rank; i++) {
		b->dims[i] = a->dims[i];
		b->bytes *= (size_t)a->dims[i];
	}
	b->data = malloc(b->bytes + 1);
	if (b->data == NULL) return &no_room;
	memcpy(b->data, a->data, b->bytes);
	a->buffer = b;
	a->done_with_host_buffer = &done;
	return NULL;
}
static PJRT_Error *buffer_destroy(PJRT_Buffer_Destroy_Args *a) {
	free(a->buffer->data);
	free(a->buffer);
	return NULL;
}
static PJRT_Error *buffer_type(PJRT_Buffer_ElementType_Args *a) { a->type = a->buffer->type; return NULL; }
static PJRT_Error *buffer_dims(PJRT_Buffer_Dimensions_Args *a) {
	a->dims = a->buffer->dims;
	a->num_dims = a->buffer->rank;
	return NULL;
}
static PJRT_Error *buffer_device(PJRT_Buffer_Device_Args *a) { a->device = a->buffer->device; return NULL; }
static PJRT_Error *to_host(PJRT_Buffer_ToHostBuffer_Args *a) {
	if (a->dst != NULL) memcpy(a->dst, a->src->data, a->dst_size < a->src->bytes ? a->dst_size : a->src->bytes);
	a->dst_size = a->src->bytes;
	a->event = &done;
	return NULL;
}

static PJRT_Error *compile(PJRT_Client_Compile_Args *a) {
	const char *path = getenv("PLUGIN_PROGRAMS");
	FILE *f = path != NULL ? fopen(path, "a") : NULL;
	if (f != NULL) {
		fwrite(a->program->code, 1, a->program->code_size, f);
		fclose(f);
	}
	a->executable = &loaded;
	return NULL;
}
static PJRT_Error *get_executable(PJRT_LoadedExecutable_GetExecutable_Args *a) { a->executable = &executable; return NULL; }
static PJRT_Error *loaded_destroy(PJRT_LoadedExecutable_Destroy_Args *a) { (void)a; return NULL; }
static PJRT_Error *executable_destroy(PJRT_Executable_Destroy_Args *a) { (void)a; return NULL; }
static PJRT_Error *executable_name(PJRT_Executable_Name_Args *a) {
	a->executable_name = "program";
	a->executable_name_size = 7;
	return NULL;
}
static PJRT_Error *num_outputs(PJRT_Executable_NumOutputs_Args *a) { a->num_outputs = 1; return NULL; }
static PJRT_Error *memory_stats(PJRT_Executable_GetCompiledMemoryStats_Args *a) { (void)a; return NULL; }
static PJRT_Error *execute(PJRT_LoadedExecutable_Execute_Args *a) { (void)a; return &executes_nothing; }

const PJRT_Api *GetPjrtApi(void) {
	static PJRT_Api api;
	/* All that follows the version are pointers to functions. */
	void *first = &api.PJRT_Error_Destroy;
	PJRT_Error *(**function)(void *) = first;
	while ((char *)function < (char *)(&api + 1)) *function++ = missing;
	api.struct_size = PJRT_Api_STRUCT_SIZE;
	api.pjrt_api_version.struct_size = PJRT_Api_Version_STRUCT_SIZE;
	api.pjrt_api_version.major_version = MAJOR;
	api.pjrt_api_version.minor_version = MINOR;
	api.PJRT_Error_Destroy = error_destroy;
	api.PJRT_Error_Message = error_message;
	api.PJRT_Error_GetCode = error_code;
	api.PJRT_Plugin_Initialize = initialize;
	api.PJRT_Plugin_Attributes = attributes;
	api.PJRT_Event_Destroy = event_destroy;
	api.PJRT_Event_Await = event_await;
	api.PJRT_Client_Create = client_create;
	api.PJRT_Client_Destroy = client_destroy;
	api.PJRT_Client_PlatformName = platform_name;
	api.PJRT_Client_PlatformVersion = platform_version;
	api.PJRT_Client_ProcessIndex = process_index;
	api.PJRT_Client_AddressableDevices = addressable;
	api.PJRT_Client_DefaultDeviceAssignment = assignment;
	api.PJRT_Client_Compile = compile;
	api.PJRT_Client_BufferFromHostBuffer = from_host;
	api.PJRT_Device_GetDescription = device_description;
	api.PJRT_Device_IsAddressable = device_addressable;
	api.PJRT_Device_LocalHardwareId = device_id;
	api.PJRT_DeviceDescription_ProcessIndex = description_process;
	api.PJRT_DeviceDescription_DebugString = description_text;
	api.PJRT_Buffer_Destroy = buffer_destroy;
	api.PJRT_Buffer_ElementType = buffer_type;
	api.PJRT_Buffer_Dimensions = buffer_dims;
	api.PJRT_Buffer_Device = buffer_device;
	api.PJRT_Buffer_ToHostBuffer = to_host;
	api.PJRT_LoadedExecutable_GetExecutable = get_executable;
	api.PJRT_LoadedExecutable_Destroy = loaded_destroy;
	api.PJRT_LoadedExecutable_Execute = execute;
	api.PJRT_Executable_Destroy = executable_destroy;
	api.PJRT_Executable_Name = executable_name;
	api.PJRT_Executable_NumOutputs = num_outputs;
	api.PJRT_Executable_GetCompiledMemoryStats = memory_stats;
	return &api;
}
