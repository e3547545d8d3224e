Feature: A guest calls the hotel
  The telephone knows who calls, does what the guest wishes, and never leaves a guest without an answer.

  Scenario: A guest in the house orders breakfast and leaves later
    Given a guest in room 101 whose number the hotel knows
    When the guest calls
    Then the guest is greeted by name in German
    When the guest says "Breakfast in my room, please"
    Then breakfast is booked for the stay
    When the guest wants to leave later
    Then the late check-out is booked for the stay
    When the guest hangs up
    Then the room of the call is closed
    And the record of the call tells of 2 wishes

  Scenario: Somebody nobody knows books a stay
    Given a caller whom the hotel does not know
    When the guest calls
    Then the guest is greeted in English
    When the guest asks what is free
    Then a double room is offered
    When the guest books it
    Then the hotel has the booking
    When the guest asks for the stay
    Then the guest hears of the booking

  Scenario: The hotel's system is away
    Given a guest in room 101 whose number the hotel knows
    And the hotel's system is away
    When the guest calls
    Then the guest is greeted in English
    And a warning says that the hotel's system is away
    When the guest asks for the stay
    Then the guest is offered a colleague

  Scenario: A guest cancels, after being asked whether that is meant
    Given a guest who will come, and whose number the hotel knows
    When the guest calls
    And the guest wants to cancel
    Then the guest is asked whether that is meant
    And the stay is still confirmed
    When the guest says that it is meant
    Then the stay is cancelled

  Scenario: A guest wants to speak to a human
    Given a guest in room 101 whose number the hotel knows
    When the guest calls
    And the guest wants to speak to a human
    Then the caller is handed to a colleague
