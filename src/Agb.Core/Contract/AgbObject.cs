namespace Agb;

/// <summary>An object returned by a service. It carries that service, so that later calls on it need no new connection.</summary>
public abstract record AgbObject
{
    /// <summary>The service of the object.</summary>
    [JsonIgnore]
    public IAgbService? Service { get; init; }

    /// <summary>Leaves the service out of the printed form.</summary>
    protected virtual bool PrintMembers(System.Text.StringBuilder builder) => false;
}
