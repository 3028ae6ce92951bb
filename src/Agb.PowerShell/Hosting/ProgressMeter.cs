using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>One progress record of a command: shown only when it runs longer than a moment and at most five times a
/// second, because drawing progress can cost more than the work.</summary>
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

    /// <summary>Does work on the pipeline thread and takes the display away when that fails: nothing else would then.</summary>
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
            // Another object: whoever keeps the records of a pipeline keeps the one before too.
            write(new ProgressRecord(_record.ActivityId, _record.Activity, _record.StatusDescription) { RecordType = ProgressRecordType.Completed });
            _record = null;
        }
    }
}
