package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"quarterturn/core/recording"
)

// checkOut refuses a file that could not be written, before any work is done.
func (s *recordSettings) checkOut() error {
	info, err := os.Stat(s.out)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("record: --out %s is a folder: name a file in it", s.out)
	case err != nil && !errors.Is(err, fs.ErrNotExist): // Such as a folder that is a file.
		return fmt.Errorf("record: --out %s: %w", s.out, err)
	}
	return nil
}

// checkStage refuses a part that the run's network does not have.
func (r *recorder) checkStage() error {
	if most := len(r.recorded.settings.Config.Network.Blocks); r.settings.stage < -1 || r.settings.stage > most {
		return usageError{fmt.Errorf("record: --stage is %d, and the run's network has the parts 0, its stem, to %d: choose one of them, or -1 for the last", r.settings.stage, most)}
	}
	return nil
}

// draft encodes the recording as if nothing had been seen in any epoch. It is as
// long as the real one, and has all of it that could be refused: measuring takes
// minutes, which should not be in vain.
func (r *recorder) draft() ([]byte, error) {
	draft := r.result
	beliefs := make([]recording.Beliefs, len(draft.Pictures.Items))
	for i := range beliefs {
		for k := range beliefs[i] {
			beliefs[i][k][0] = 255
		}
	}
	draft.Epochs = nil
	for _, e := range r.recorded.epochs {
		epoch := e.recorded()
		epoch.Beliefs, epoch.Stages, epoch.Places = beliefs, make([]recording.StageProbe, len(draft.Probe.Stages)), make([]recording.Place, len(draft.Map.Points))
		draft.Epochs = append(draft.Epochs, epoch)
	}
	return recording.Encode(&draft)
}

// recorded is what is known of an epoch before its network is looked at.
func (e recordedEpoch) recorded() recording.Epoch {
	return recording.Epoch{
		Number: e.Epoch, Step: e.Step, TrainLoss: e.TrainLoss, TrainAccuracy: e.TrainAccuracy,
		Loss: e.Loss, Accuracy: e.Accuracy, Examples: e.Examples,
	}
}
