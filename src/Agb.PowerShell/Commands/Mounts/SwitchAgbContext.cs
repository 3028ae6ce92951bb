namespace Agb.PowerShell.Commands;

/// <summary><c>Switch-AgbContext</c>: shows another version of a mounted context in running sessions.</summary>
[Cmdlet(VerbsCommon.Switch, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbMount), typeof(AgbSyncPlanItem))]
public sealed class SwitchAgbContextCommand : AgbMountCmdlet
{
    private const string Latest = "latest";

    /// <summary>The version.</summary>
    [Parameter(HelpMessage = "The version to show: its number, or latest. Default: latest.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string Version { get; set; } = Latest;

    /// <inheritdoc/>
    private protected override string Words => "switch";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() => Number());
    }

    /// <inheritdoc/>
    private protected override Task<AgbMount> ChangeAsync(ISessionMountService service, SessionId session, AgbMountChange request, CancellationToken token) =>
        service.SwitchContextAsync(session, request with { Version = Number() }, token);

    private long? Number() => string.Equals(Version, Latest, StringComparison.OrdinalIgnoreCase) ? null
        : long.TryParse(Version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw AgbErrors.Invalid(
            AgbErrorIds.InvalidSessionOption, $"-{nameof(Version)} is '{Version}'; expected a number from 1 on, or {Latest}.", target: Version);
}
