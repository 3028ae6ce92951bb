namespace Agb.Conformance;

/// <summary>Services that keep the contract.</summary>
[Flags]
public enum Services
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The engine; contexts are mounted through overlayfs.</summary>
    Overlay = 1,

    /// <summary>The engine; contexts are copied into sessions.</summary>
    Copy = 2,

    /// <summary>A client of a server on loopback.</summary>
    Server = 4,

    /// <summary>The engine of a user without any privilege; contexts are mounted through overlayfs.</summary>
    UserOverlay = 8,

    /// <summary>The engine of a user without any privilege; contexts are copied into sessions.</summary>
    UserCopy = 16,
}

/// <summary>Services under test, for a class derived from <see cref="ServiceTest"/>. A test assembly declares the services that it
/// has; see <see cref="ServiceAttribute"/>.</summary>
/// <param name="services">Services on which the outcome can differ.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RunsOnAttribute(Services services) : Attribute
{
    /// <summary>Services on which the tests run always.</summary>
    public Services Services { get; } = services;

    /// <summary>More services for the long form of the tests.</summary>
    public Services Long { get; init; }

    /// <summary>The services for this run.</summary>
    public Services Now => LongTests.Wanted ? Services | Long : Services;
}

/// <summary>A service that a test assembly runs the conformance tests on.</summary>
/// <param name="service">The service.</param>
/// <param name="fixture">The <see cref="ServiceFixture"/> that opens it.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ServiceAttribute(Services service, Type fixture) : Attribute
{
    /// <summary>The service.</summary>
    public Services Service { get; } = service;

    /// <summary>The fixture that opens it.</summary>
    public Type Fixture { get; } = fixture;
}
