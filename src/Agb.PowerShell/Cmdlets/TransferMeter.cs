namespace Agb.PowerShell;

/// <summary>Counts transferred files and bytes and shows them, with a percentage where the totals are known. Counting is safe
/// from any thread.</summary>
internal sealed class TransferMeter(PipelinePump pump, ProgressMeter display, string activity)
{
    private const int EveryMilliseconds = 200;

    private long _files;
    private long _bytes;
    private long _totalFiles;
    private long _totalBytes;
    private long _next;

    /// <summary>Adds to the totals.</summary>
    internal void Expect(long files, long bytes)
    {
        Interlocked.Add(ref _totalFiles, files);
        Interlocked.Add(ref _totalBytes, bytes);
    }

    /// <summary>Adds to the finished part.</summary>
    internal void Add(long files, long bytes)
    {
        Interlocked.Add(ref _files, files);
        Interlocked.Add(ref _bytes, bytes);
        var now = Environment.TickCount64;
        var next = Interlocked.Read(ref _next);
        // Only one of several threads shows it; unreadably fast updates must not fill the pump's queue.
        if (now >= next && Interlocked.CompareExchange(ref _next, now + EveryMilliseconds, next) == next)
        {
            pump.Post(Show);
        }
    }

    private void Show()
    {
        var (files, bytes, totalFiles, totalBytes) = (
            Interlocked.Read(ref _files), Interlocked.Read(ref _bytes), Interlocked.Read(ref _totalFiles), Interlocked.Read(ref _totalBytes));
        var percent = totalBytes > 0 ? 100.0 * bytes / totalBytes : totalFiles > 0 ? 100.0 * files / totalFiles : 0;
        display.Show(
            activity,
            string.Create(CultureInfo.InvariantCulture, $"{files:N0} of {totalFiles:N0} files, {Units.Size(bytes)} of {Units.Size(totalBytes)}"),
            // A file that grew after planning brings more than expected.
            (int)Math.Clamp(percent, 0, 100));
    }
}
