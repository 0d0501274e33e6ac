;; Speaks a sentence and prints each phone with its end in seconds.
;;
;; VOICE: what chooses it. STRETCH: of all times. HEIGHT: of all pitches.
;; MELODY: how far pitches leave their mean, times the usual. PATH: of the sound.
(define (say voice text stretch height melody path)
  (voice)
  (set! after_analysis_hooks
    (cons
      (lambda (utt) (stretch_times utt stretch) (bend utt height melody) utt)
      after_analysis_hooks))
  (let ((utt (utt.synth (eval (list 'Utterance 'Text text)))))
    (mapcar
      (lambda (phone)
        (format t "%s %f\n" (item.name phone) (item.feat phone 'end)))
      (utt.relation.items utt 'Segment))
    (utt.save.wave utt path 'riff)))

(define (stretch_times utt by)
  (mapcar
    (lambda (phone) (item.set_feat phone 'end (* by (item.feat phone 'end))))
    (utt.relation.items utt 'Segment))
  (mapcar
    (lambda (goal) (item.set_feat goal 'pos (* by (item.feat goal 'pos))))
    (goals utt)))

(define (bend utt height melody)
  (let ((sum 0) (count 0) (mean 0))
    (mapcar
      (lambda (goal)
        (set! sum (+ sum (log (item.feat goal 'f0))))
        (set! count (+ 1 count)))
      (goals utt))
    (if (> count 0) (set! mean (/ sum count)))
    (mapcar
      (lambda (goal)
        (item.set_feat goal 'f0
          (* height
            (exp (+ mean (* melody (- (log (item.feat goal 'f0)) mean)))))))
      (goals utt))))

;; The pitches that a voice of diphones aims at.
(define (goals utt)
  (if (member 'Target (utt.relationnames utt))
    (utt.relation.leafs utt 'Target)
    nil))
