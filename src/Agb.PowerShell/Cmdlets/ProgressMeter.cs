namespace Agb.PowerShell;

/// <summary>A progress record of a command. It appears only after a moment and at most five times a second, because drawing
/// progress can cost more than the work.</summary>
internal sealed class ProgressMeter(Action<ProgressRecord> write)
{
    private const int FirstAfterMilliseconds = 500;
    private const int EveryMilliseconds = 200;

    private long _next = Environment.TickCount64 + FirstAfterMilliseconds;
    private ProgressRecord? _record;

    internal void Show(string activity, string status, int percent)
    {
        var now = Environment.TickCount64;
        if (now < _next)
        {
            return;
        }
        _next = now + EveryMilliseconds;
        _record = new ProgressRecord(1, activity, status) { PercentComplete = percent };
        write(_record);
    }

    /// <summary>Does work on the pipeline thread, and removes the display if it fails.</summary>
    internal void Around(Action work)
    {
        try
        {
            work();
        }
        catch
        {
            try
            {
                Complete();
            }
            catch (PipelineStoppedException)
            {
                // A stopped pipeline takes no progress; the host has cleared its display.
            }
            throw;
        }
    }

    internal void Complete()
    {
        if (_record is not null)
        {
            // A new object: a collector of the pipeline's records keeps the previous one too.
            write(new ProgressRecord(_record.ActivityId, _record.Activity, _record.StatusDescription) { RecordType = ProgressRecordType.Completed });
            _record = null;
        }
    }
}
