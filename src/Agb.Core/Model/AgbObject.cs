namespace Agb;

/// <summary>An object that a service returned. It carries that service, so that what is done with it next needs no
/// connection of its own.</summary>
public abstract record AgbObject
{
    /// <summary>The service that the object came from.</summary>
    public IAgbService? Service { get; init; }

    /// <summary>Leaves the service out of the printed form.</summary>
    protected virtual bool PrintMembers(System.Text.StringBuilder builder) => false;
}
