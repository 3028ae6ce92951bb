namespace Agb.PowerShell;

/// <summary>The meter of a file transfer, with reliable removal of its display.</summary>
internal sealed class Transfer
{
    private readonly ProgressMeter _display;

    internal Transfer(AgbCmdlet cmdlet, string activity)
    {
        _display = new ProgressMeter(cmdlet.WriteProgress);
        Meter = new TransferMeter(cmdlet.Pump, _display, activity);
    }

    /// <summary>Counts the transferred files and bytes.</summary>
    internal TransferMeter Meter { get; }

    /// <summary>Does work on the pipeline thread and then removes the display, also after a failure.</summary>
    internal void Run(Action work, bool isLast)
    {
        _display.Around(work);
        if (isLast)
        {
            _display.Complete();
        }
    }
}
