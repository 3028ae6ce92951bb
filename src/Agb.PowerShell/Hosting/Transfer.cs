namespace Agb.PowerShell.Hosting;

/// <summary>The meter of a cmdlet that moves files, and that its display goes in every case.</summary>
internal sealed class Transfer
{
    private readonly ProgressMeter _display;

    internal Transfer(AgbCmdlet cmdlet, string activity)
    {
        _display = new ProgressMeter(cmdlet.WriteProgress);
        Meter = new TransferMeter(cmdlet.Pump, _display, activity);
    }

    /// <summary>Counts what is moved.</summary>
    internal TransferMeter Meter { get; }

    /// <summary>Does work on the pipeline thread and then takes the display away, however the work ends.</summary>
    internal void Run(Action work, bool isLast)
    {
        _display.Around(work);
        if (isLast)
        {
            _display.Complete();
        }
    }
}
