// The code of the README.
// snippet
import Bulkhead

let run = TrainingRun(directory: "checkpoints/photos")
try run.start(TrainingConfiguration(opening: "photos.yaml"))
for evaluation in try run.evaluate() { print(evaluation.name, evaluation.accuracy) }
// end
