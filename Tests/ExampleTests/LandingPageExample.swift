import Unroll

/// The example of the documentation's landing page, to the letter, but for the data set's name and the image's size.
func landingPageExample(dataset: String, height: Int, width: Int) throws -> (trainer: Trainer, reader: Reader) {
  // Unroll.md: begin
  let digits = try DatasetStore().load(dataset, showsProgress: true)
  let data = SequenceData(digits.train, Preprocessing(height: height, width: width), on: .cpu)

  let trainer = try Trainer(TrainingPlan(recipe: .modern), data: data, outputs: digits.classes.count)
  while !trainer.isFinished {
    let epoch = try trainer.trainEpoch()
    print("epoch \(epoch.epoch): loss \(epoch.loss)")
  }

  let reader = Reader(trainer.model)  // reads one row at a time
  // Unroll.md: end
  return (trainer, reader)
}
