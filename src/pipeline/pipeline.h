/* pipeline/pipeline.h - wires the stages for one run; the only folder that sees them all. */
#ifndef WD_PIPELINE_PIPELINE_H
#define WD_PIPELINE_PIPELINE_H
#endif
