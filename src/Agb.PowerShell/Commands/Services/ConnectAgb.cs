using System.Security;

namespace Agb.PowerShell.Commands;

/// <summary><c>Connect-Agb</c>: returns a connection for the start of chains.</summary>
[Cmdlet(VerbsCommunications.Connect, "Agb", DefaultParameterSetName = EmbeddedSet)]
[OutputType(typeof(AgbConnection))]
public sealed class ConnectAgbCommand : AgbCmdlet
{
    private const string EmbeddedSet = "Embedded";
    private const string RemoteSet = "Remote";

    /// <summary>The embedded service's directory.</summary>
    [Parameter(Position = 0, ParameterSetName = EmbeddedSet,
        HelpMessage = "The directory of the embedded service. Without any parameter the environment decides on the service.")]
    [ValidateNotNullOrEmpty]
    public string? HomeDirectory { get; set; }

    /// <summary>The address of an AGB service.</summary>
    [Parameter(ParameterSetName = RemoteSet, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The address of an AGB service, such as http://127.0.0.1:8765; AGB_ENDPOINT unless given, else the AGB cloud.")]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>The key for that service.</summary>
    [Parameter(ParameterSetName = RemoteSet, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The API key, best as a SecureString; AGB_API_KEY unless given.")]
    [Secret]
    public SecureString? ApiKey { get; set; }

    /// <summary>The time limit of a call, in seconds.</summary>
    [Parameter(ParameterSetName = RemoteSet, HelpMessage = "How many seconds a call may take; AGB_TIMEOUT_MS unless given, else 60.")]
    [ValidateRange(1, 86_400)]
    public int TimeoutSeconds { get; set; }

    /// <summary>Whether to test the connection with a call.</summary>
    [Parameter(HelpMessage = "Call the service, to find a wrong address or key now and not at the first use.")]
    public SwitchParameter Test { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == RemoteSet)
        {
            ConnectRemote();
        }
        else if (HomeDirectory is not null)
        {
            // A relative directory begins at PowerShell's location, which the process does not share.
            ConnectEmbedded(GetUnresolvedProviderPathFromPSPath(HomeDirectory));
        }
        else
        {
            RunItem(null, token => ServiceResolver.WantsRemote
                ? EmitAsync(() => ServiceResolver.Remote(null, null, null), token)
                : OpenAsync(EmbeddedEngine.ResolveHome(null), token));
        }
    }

    /// <inheritdoc/>
    private protected override bool IsFinal(Exception failure) => true;

    private void ConnectEmbedded(string directory)
    {
        var home = EmbeddedEngine.ResolveHome(directory);
        RunItem(home, token => OpenAsync(home, token));
    }

    private void ConnectRemote()
    {
        var (endpoint, key) = (Endpoint, ApiKey);
        TimeSpan? timeout = MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSeconds)) ? TimeSpan.FromSeconds(TimeoutSeconds) : null;
        RunItem(endpoint, token => EmitAsync(() => ServiceResolver.Remote(endpoint, key, timeout), token));
    }

    private Task EmitAsync(Func<IAgbService> connect, CancellationToken token) => EmitAsync(new AgbConnection(connect()), token);

    private async Task OpenAsync(string home, CancellationToken token)
    {
        var service = await CallAsync(
            EmbeddedEngine.Name, $"open the store '{home}'", () => Task.FromResult(ServiceResolver.Embedded(home))).ConfigureAwait(false);
        await EmitAsync(new AgbConnection(service, home), token).ConfigureAwait(false);
    }

    private async Task EmitAsync(AgbConnection connection, CancellationToken token)
    {
        if (Test)
        {
            // The first item of a list is the cheapest call with address, key and store.
            await CallAsync(
                connection.Service, "test the connection",
                async () => await connection.Service.ListContextsAsync(token).FirstOrDefaultAsync(token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        Emit(connection);
    }
}
